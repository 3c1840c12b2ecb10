"""What a dataset keeps of a line (manifests.md 2.2, 2.3, 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.manifest.lines import (
    Json,
    box,
    box_line,
    box_metadata,
    boxes,
    codes_by_place,
    encoded,
    image_line,
    image_metadata,
)

from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine, check_entry, manifest_line

SOURCE: Json = {"source-ref": "s3://b/k"}


def kept(line: Json) -> DatasetLine:
    checked = check_entry(encoded(line))
    assert isinstance(checked, DatasetLine)
    return checked


@pytest.mark.parametrize(
    ("line", "drop"),
    [
        (b"", RejectedLine.NOT_AN_OBJECT),
        (b"[1]", RejectedLine.NOT_AN_OBJECT),
        (b'{"source-ref":"s3://b/k","a":NaN}', RejectedLine.NOT_AN_OBJECT),
        (b'{"source-ref":"s3://b/k","a":"' + b"x" * 100_000 + b'"}', RejectedLine.NOT_AN_OBJECT),
        (b"{}", RejectedLine.NO_SOURCE_REF),
        (b'{"source-ref":7}', RejectedLine.NO_SOURCE_REF),
        (b'{"source-ref":"https://b/k"}', RejectedLine.MALFORMED_SOURCE_REF),
    ],
)
def test_lines_are_dropped(line: bytes, drop: RejectedLine) -> None:
    assert check_entry(line) is drop


@pytest.mark.parametrize("line", [image_line(), image_line("fog", "日本"), box_line(box())])
def test_a_clean_line_is_stored_as_written_with_its_stamp_last(line: Json) -> None:
    entry = kept(line)

    assert entry.text == encoded(line).decode()[:-1] + ',"cl-metadata":{"is_labeled":true}}'
    assert (entry.is_labeled, entry.has_errors) == (True, False)
    assert manifest_line(entry.text) == encoded(line)


def test_spaces_around_a_line_are_not_stored() -> None:
    assert check_entry(b" \t" + encoded(image_line()) + b" \r") == kept(image_line())


def test_a_carriage_return_inside_a_line_is_not_stored() -> None:
    line = check_entry(json.dumps(image_line(), indent=0).replace("\n", "\r").encode())

    assert line == kept(image_line())


def test_keys_and_their_order_are_kept() -> None:
    line = {"id": [1, {"errors": "mine"}]} | image_line() | {"note": 2.50, "huge": 10**30}

    entry = kept(line)

    assert entry.text == encoded(line | {"cl-metadata": {"is_labeled": True}}).decode()


def test_what_the_service_wrote_is_replaced() -> None:
    finding = [{"code": "X", "message": "x"}]
    stale: Json = {"cl-errors": finding}
    line = stale | image_line() | {"cl-metadata": {"is_labeled": False}}
    line["weather0-metadata"]["errors"] = finding
    line |= {"parts": boxes(box() | {"cl-errors": finding}), "parts-metadata": box_metadata(1)}
    line["parts"]["warnings"] = finding

    entry = kept(line)

    assert not entry.has_errors
    assert json.loads(entry.text) == image_line() | {
        "parts": boxes(box()),
        "parts-metadata": box_metadata(1),
        "cl-metadata": {"is_labeled": True},
    }
    assert list(json.loads(entry.text))[-1] == "cl-metadata"


@pytest.mark.parametrize(
    ("line", "errors"),
    [
        (SOURCE | {"a": 1}, {"": "ERROR_NO_LABEL_ATTRIBUTES"}),
        (
            SOURCE | {"a": [], "a-metadata": image_metadata()},
            {"": "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"},
        ),
        (
            SOURCE | {"a": {}, "a-metadata": box_metadata(1)},
            {"/a": "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"},
        ),
        (
            SOURCE | {"a": 1, "a-metadata": {"type": "groundtruth/image-classification"}},
            {"/a-metadata": "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"},
        ),
        (
            box_line(box(), objects=[]),
            {"/parts-metadata": "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"},
        ),
        (box_line(box(9)), {"/parts-metadata": "ERROR_MISSING_CLASS_MAP_ID"}),
        (
            image_line() | {"BB": 1, "BB-metadata": {"type": "x"}},
            {"/BB-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE"},
        ),
        (
            SOURCE | {"a": 1, "a-metadata": image_metadata("")},
            {
                "/a-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
                "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
            },
        ),
        (
            image_line() | box_line(*[box()] * 51),
            {"/parts": "ERROR_TOO_MANY_BOUNDING_BOXES"},
        ),
        (
            SOURCE | {"a": boxes(box(), width=5000), "a-metadata": box_metadata(1)},
            {"": "ERROR_INVALID_IMAGE_DIMENSION"},
        ),
        (
            box_line(box(), box(left=-1)),
            {"/parts/annotations/1": "ERROR_INVALID_BOUNDING_BOX"},
        ),
        (
            box_line(box(width=1)),
            {
                "/parts/annotations/0": "ERROR_BOUNDING_BOX_TOO_SMALL",
                "": "ERROR_NO_VALID_ANNOTATIONS",
            },
        ),
    ],
)
def test_errors_are_kept_as_cl_errors(line: Json, errors: dict[str, str]) -> None:
    entry = kept(line)
    stored = json.loads(entry.text)

    assert entry.has_errors
    assert codes_by_place(stored, ("cl-errors",)) == errors
    assert codes_by_place(stored) == {}
    assert list(stored)[-1] == "cl-metadata"
    assert manifest_line(entry.text) == encoded(line)


@pytest.mark.parametrize("line", [SOURCE, box_line(), box_line(human_annotated="no")])
def test_warnings_are_not_written(line: Json) -> None:
    entry = kept(line)

    assert (entry.is_labeled, entry.has_errors) == (False, False)
    assert json.loads(entry.text) == line | {"cl-metadata": {"is_labeled": False}}


@pytest.mark.parametrize(
    ("value", "kind", "is_labeled"),
    [
        ("s3://b/mask.png", "groundtruth/semantic-segmentation", True),
        ([1, 2], "groundtruth/image-classification-multilabel", True),
        ({"annotations": [{}]}, "groundtruth/object-detection", True),
        ({"annotations": []}, "groundtruth/object-detection", False),
        ({"annotations": 7}, "groundtruth/object-detection", False),
        ({}, "groundtruth/object-detection", False),
    ],
)
def test_labels_count_as_labels_valid_or_not(value: Any, kind: str, is_labeled: bool) -> None:
    assert kept(SOURCE | {"a": value, "a-metadata": {"type": kind}}).is_labeled is is_labeled


def test_labels_used_and_declared() -> None:
    line = image_line("fog", "bolt") | box_line(box(1), names=("nut", "bolt", "washer"))

    entry = kept(line)

    assert entry.labels == {"fog": False, "bolt": True}
    assert entry.declared == ("fog", "bolt", "nut", "washer")
    with_pass_through = kept(line | {"note": "slow path"})
    assert with_pass_through.labels == entry.labels
    assert with_pass_through.declared == entry.declared


def test_labels_of_a_line_with_errors_count_as_far_as_they_can_be_read() -> None:
    line = box_line(box("1"), box(7), {"class_id": 0}, names=("nut", "bolt"), objects=[])
    line |= {"a": 1, "a-metadata": image_metadata("fog", confidence=None)}
    line |= {"b": 1, "b-metadata": image_metadata("n" * 257)}

    entry = kept(line)

    assert entry.labels == {"bolt": True, "nut": True, "fog": False}
    assert entry.declared == ("nut", "bolt", "fog")


def test_a_listed_line_is_accepted_back() -> None:
    for line in (image_line(), box_line(box(), box(left=-1)), SOURCE, box_line()):
        first = kept(line)

        assert check_entry(first.text.encode()) == first
