"""Stage A of a line: one error and no more (manifests.md 3.5, codes 1 to 8)."""

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
    without,
)

from lensmith.manifest.line.validate import LineStatus, check_line
from lensmith.manifest.training.validation_manifest import annotated

ATTRIBUTE = "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
METADATA = "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"


def findings_in(line: bytes) -> dict[str, str]:
    checked = check_line(line)
    return codes_by_place(json.loads(annotated(line, checked)))


def expect_stop(line: Json, place: str, code: str) -> None:
    checked = check_line(encoded(line))
    assert checked.status is LineStatus.INVALID
    assert checked.entry is None
    assert findings_in(encoded(line)) == {place: code}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"   ",
        b"not json",
        b"[]",
        b"1",
        b"null",
        b'{"source-ref":"s3://b/k"',
        b'{"source-ref":"s3://b/k","a":NaN}',
        b'{"source-ref":"s3://b/k","a":Infinity}',
        b'{"source-ref":"s3://b/k","a":-Infinity}',
        b'{"source-ref":"s3://b/k","a":1e999}',
        b'{"source-ref":"s3://b/k"} {}',
        b'{"source-ref":"s3://b/\xff"}',
        b'{"source-ref":"s3://b/\\ud800"}',
        b'{"source-ref":"s3://b/' + b"k" * 100_000 + b'"}',
        b'{"source-ref":"s3://b/k","a":' + b"9" * 5000 + b"}",
        b"[" * 200_000,
        b'{"a":' * 19_000,
        b'{"source-ref":"s3://b/k","a":' + b"[" * 40_000 + b"]" * 40_000 + b"}",
    ],
)
def test_error_invalid_json_line_replaces_the_line(line: bytes) -> None:
    checked = check_line(line)

    assert checked.status is LineStatus.INVALID
    assert json.loads(annotated(line, checked)) == {
        "errors": [
            {
                "code": "ERROR_INVALID_JSON_LINE",
                "message": "The JSON Line has an invalid format.",
            }
        ]
    }


@pytest.mark.parametrize("value", [None, 1, True, ["s3://b/k"], {"s3": "b"}])
def test_error_missing_source_ref(value: Any) -> None:
    expect_stop(image_line() | {"source-ref": value}, "", "ERROR_MISSING_SOURCE_REF")
    expect_stop(without(image_line(), "source-ref"), "", "ERROR_MISSING_SOURCE_REF")
    expect_stop({"source_ref": "s3://b/k"}, "", "ERROR_MISSING_SOURCE_REF")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "https://b/k",
            "s3:/b/k",
            "s3://",
            "s3://b",
            "s3://b/",
            "s3:///k",
            "b/k",
            "s3://b/\0",
        ),
        "s3://b/" + "k" * 1025,  # S3 takes 1,024 bytes
        "s3://b/" + "ключ" * 128 + "k",
        "s3://" + "b" * 256 + "/k",
    ],
)
def test_error_invalid_source_ref_format(text: str) -> None:
    expect_stop(image_line(image=text), "", "ERROR_INVALID_SOURCE_REF_FORMAT")


@pytest.mark.parametrize(
    "text",
    [
        *("S3://b/k", "s3://b/k/", "s3://b//", "s3://b/ключ", "s3://b/a b"),
        "s3://" + "b" * 255 + "/" + "k" * 1024,
        "s3://bucket/" + "ключ" * 128,
    ],
)
def test_unusual_source_refs_pass(text: str) -> None:
    assert check_line(encoded(image_line(image=text))).source_ref == text


@pytest.mark.parametrize(
    "line",
    [
        {"source-ref": "s3://b/k", "weather": 1},
        {"source-ref": "s3://b/k", "weather-metadata": image_metadata()},
        {"source-ref": "s3://b/k", "weather": 1, "weather_metadata": image_metadata()},
        {"source-ref": "s3://b/k", "source-ref-metadata": image_metadata()},
        {"source-ref": "s3://b/k", "cl": 1, "cl-metadata": image_metadata()},
        {"source-ref": "s3://b/k", "errors": 1, "errors-metadata": image_metadata()},
    ],
)
def test_error_no_label_attributes(line: Json) -> None:
    expect_stop(line, "", "ERROR_NO_LABEL_ATTRIBUTES")


@pytest.mark.parametrize("value", [None, "", "one", "1.5", 1.5, [], [1], {"a": 1}])
def test_error_invalid_label_attribute_format_of_an_image_label(value: Any) -> None:
    line = {"source-ref": "s3://b/k", "sky": value, "sky-metadata": image_metadata()}

    expect_stop(line, "/sky" if isinstance(value, dict) else "", ATTRIBUTE)


def test_error_invalid_label_attribute_format_names_the_attribute() -> None:
    line = {"source-ref": "s3://b/k", "sky": [], "sky-metadata": image_metadata()}

    (finding,) = check_line(encoded(line)).findings

    assert finding.report() == {
        "code": ATTRIBUTE,
        "message": "The format of the label attribute sky is invalid.",
    }


@pytest.mark.parametrize(
    "value", [0, 7, -3, 2.0, True, False, "0", "12", "-1", "1.0", 10**30, 2**63]
)
def test_any_integer_is_a_value_of_an_image_label(value: Any) -> None:
    line = {"source-ref": "s3://b/k", "sky": value, "sky-metadata": image_metadata()}

    assert check_line(encoded(line)).status is LineStatus.VALID


@pytest.mark.parametrize(
    "value",
    [
        7,
        "boxes",
        [],
        None,
        {"annotations": []},
        {"image_size": [], "annotations": []},
        {"image_size": [7], "annotations": []},
        {"image_size": 7, "annotations": []},
        boxes(width=0),
        boxes(height=-5),
        boxes(width="800"),
        boxes(width=True),
        boxes(width=10**400),
        boxes() | {"annotations": None},
        boxes() | {"annotations": {}},
        boxes(7),  # type: ignore[arg-type]
        boxes(without(box(), "class_id")),
        boxes(without(box(), "left")),
        boxes(without(box(), "top")),
        boxes(without(box(), "width")),
        boxes(without(box(), "height")),
        boxes(box(left="10")),
        boxes(box(left=None)),
        boxes(box(left=True)),
        boxes(box(class_id=1.5)),
        boxes(box(class_id="bolt")),
        boxes(box(class_id=None)),
        boxes(box(class_id=True)),
    ],
)
def test_error_invalid_label_attribute_format_of_boxes(value: Any) -> None:
    line = {"source-ref": "s3://b/k", "parts": value, "parts-metadata": box_metadata(1)}

    expect_stop(line, "/parts" if isinstance(value, dict) else "", ATTRIBUTE)


@pytest.mark.parametrize(
    "metadata",
    [
        7,
        None,
        [],
        {},
        image_metadata(type=None),
        image_metadata(type=7),
        image_metadata(class_name=None),
        image_metadata(class_name=7),
        image_metadata(class_name="nul\0"),
        image_metadata(confidence=None),
        image_metadata(confidence="1"),
        image_metadata(confidence=True),
        image_metadata(confidence=-0.01),
        image_metadata(confidence=1.01),
        image_metadata(human_annotated=None),
        image_metadata(human_annotated="maybe"),
        image_metadata(human_annotated=True),
        image_metadata(creation_date=None),
        image_metadata(creation_date=""),
        image_metadata(creation_date=20240203),
    ],
)
def test_error_invalid_metadata_of_an_image_label(metadata: Any) -> None:
    line = {"source-ref": "s3://b/k", "sky": 1, "sky-metadata": metadata}

    expect_stop(line, "/sky-metadata" if isinstance(metadata, dict) else "", METADATA)


@pytest.mark.parametrize(
    "metadata",
    [
        box_metadata(1, objects=None),
        box_metadata(1, objects={}),
        box_metadata(1, class_map=None),
        box_metadata(1, class_map=["bolt"]),
        box_metadata(1, class_map={"0": 7}),
        box_metadata(1, human_annotated="no one"),
        box_metadata(1, creation_date=None),
    ],
)
def test_error_invalid_metadata_of_boxes(metadata: Json) -> None:
    line = {"source-ref": "s3://b/k", "parts": boxes(box()), "parts-metadata": metadata}

    expect_stop(line, "/parts-metadata", METADATA)


@pytest.mark.parametrize(
    "metadata",
    [
        image_metadata(confidence=0),
        image_metadata(confidence=0.0),
        image_metadata(confidence=0.95),
        image_metadata(human_annotated="no"),
        image_metadata(job_name=None),
        image_metadata(job_name=7),
        image_metadata(creation_date="2013-11-18 02:53:27"),
        image_metadata(creation_date="yesterday"),
        image_metadata(note={"deep": [1, 2]}),
    ],
)
def test_tolerated_metadata(metadata: Json) -> None:
    line = {"source-ref": "s3://b/k", "sky": 1, "sky-metadata": metadata}

    assert check_line(encoded(line)).status is LineStatus.VALID


@pytest.mark.parametrize(
    "objects",
    [
        [],
        [{"confidence": 1}],
        [{"confidence": 1}, {}],
        [{"confidence": 1}, {"confidence": "1"}],
        [{"confidence": 1}, {"confidence": True}],
        [{"confidence": 1}, 1],
    ],
)
def test_error_missing_bounding_box_confidence(objects: list[Any]) -> None:
    line = box_line(box(), box(), objects=objects)

    expect_stop(line, "/parts-metadata", "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE")


def test_more_objects_than_boxes_are_tolerated() -> None:
    line = box_line(box(), objects=[{"confidence": 7}, "surplus"])

    assert check_line(encoded(line)).status is LineStatus.VALID


@pytest.mark.parametrize("class_id", [1, -1, "1", 7.0, 10**20])
def test_error_missing_class_map_id(class_id: Any) -> None:
    expect_stop(box_line(box(class_id)), "/parts-metadata", "ERROR_MISSING_CLASS_MAP_ID")


@pytest.mark.parametrize("class_id", [0, "0", 0.0])
def test_class_ids_may_be_integral_strings_and_floats(class_id: Any) -> None:
    entry = check_line(encoded(box_line(box(class_id)))).entry

    assert entry is not None
    assert entry.box_label_names == {"bolt"}


@pytest.mark.parametrize(
    "size",
    [
        {"width": 800, "height": 600},
        [{"width": 800, "height": 600}],
        [{"width": 800.0, "height": 600.5, "depth": 3}],
        [{"width": 800, "height": 600, "depth": "3"}, "surplus"],
    ],
)
def test_image_size_may_be_bare_and_without_depth(size: Any) -> None:
    line = box_line(box())
    line["parts"]["image_size"] = size

    assert check_line(encoded(line)).status is LineStatus.VALID


def test_the_first_stop_in_key_order_is_the_only_one() -> None:
    line = {
        "source-ref": "s3://b/k",
        "unknown": 1,
        "unknown-metadata": image_metadata(type="groundtruth/unheard-of"),
        "parts": boxes(box(class_id=5)),
        "parts-metadata": box_metadata(0),
        "sky": "grey",
        "sky-metadata": {},
    }

    expect_stop(line, "/parts-metadata", "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE")


def test_the_value_is_judged_before_the_metadata() -> None:
    line = {
        "source-ref": "s3://b/k",
        "sky": "grey",
        "sky-metadata": image_metadata(class_name=None),
    }

    expect_stop(line, "", ATTRIBUTE)


def test_a_metadata_key_is_not_an_attribute_of_its_own() -> None:
    line = image_line() | {"weather0-metadata-metadata": image_metadata("rain")}

    checked = check_line(encoded(line))

    assert checked.entry is not None
    assert checked.entry.label_names == {"fog"}
