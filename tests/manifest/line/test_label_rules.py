"""Stage B of a line and its warnings (manifests.md 3.5 codes 9 to 17, 3.6)."""

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

from lensmith.manifest.line.validate import LineStatus, check_line
from lensmith.manifest.training.checked import ImageFaults, with_image_faults
from lensmith.manifest.training.validation_manifest import annotated


def judged(line: Json) -> tuple[LineStatus, dict[str, str]]:
    checked = check_line(encoded(line))
    return checked.status, codes_by_place(json.loads(annotated(encoded(line), checked)))


def message(line: Json, *path: str | int) -> str:
    value: Any = json.loads(annotated(encoded(line), check_line(encoded(line))))
    for step in path:
        value = value[step]
    (finding,) = value
    return str(finding["message"])


def sky(metadata: Json) -> Json:
    return {"sky": 1, "sky-metadata": metadata}


def parts(*annotations: Json, **changes: Any) -> Json:
    return {
        "parts": boxes(*annotations),
        "parts-metadata": box_metadata(len(annotations), **changes),
    }


SOURCE: Json = {"source-ref": "s3://b/k"}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("groundtruth/image-classification-multilabel", [1, 0]),
        ("groundtruth/label-verification", 1),
        ("groundtruth/semantic-segmentation", "s3://b/mask.png"),
        ("", None),
    ],
)
def test_error_unsupported_use_case_type(kind: str, value: Any) -> None:
    line = SOURCE | {"BB": value, "BB-metadata": {"type": kind}}

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/BB-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )
    assert message(line, "BB-metadata", "errors") == (
        "The use case type of the BB-metadata label attribute metadata is unsupported. "
        "Check the type field."
    )
    assert message(line, "errors") == "No valid label attributes found."


def test_an_unsupported_attribute_leaves_the_others_usable() -> None:
    line = image_line() | {"BB": 1, "BB-metadata": {"type": "x"}}

    assert judged(line) == (
        LineStatus.VALID,
        {"/BB-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE"},
    )


@pytest.mark.parametrize("name", ["", "n" * 257])
def test_error_invalid_label_name_length(name: str) -> None:
    line = SOURCE | sky(image_metadata(name))

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )
    assert message(line, "sky-metadata", "errors") == "The length of the label name is invalid."


@pytest.mark.parametrize("annotations", [[box()], []])
def test_error_invalid_label_name_length_in_a_class_map(annotations: list[Json]) -> None:
    line = box_line(*annotations, names=("bolt", "n" * 257), human_annotated="no")

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/parts-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )


@pytest.mark.parametrize("name", ["n", "n" * 256, "é" * 256])
def test_label_names_of_1_to_256_characters_pass(name: str) -> None:
    assert judged(SOURCE | sky(image_metadata(name))) == (LineStatus.VALID, {})


def test_error_too_many_bounding_boxes() -> None:
    line = box_line(*[box()] * 51)

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/parts": "ERROR_TOO_MANY_BOUNDING_BOXES",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )
    assert message(line, "parts", "errors") == (
        "There are more bounding boxes than the allowed maximum."
    )


def test_boxes_are_counted_over_the_line() -> None:
    line = box_line(*[box()] * 30) | {
        "more": boxes(*[box()] * 21),
        "more-metadata": box_metadata(21),
    }

    assert judged(line) == (LineStatus.VALID, {"/more": "ERROR_TOO_MANY_BOUNDING_BOXES"})
    entry = check_line(encoded(line)).entry
    assert entry is not None
    assert [len(box_set.labels) for box_set in entry.box_sets] == [30]


def test_fifty_boxes_pass() -> None:
    assert judged(box_line(*[box()] * 50)) == (LineStatus.VALID, {})


@pytest.mark.parametrize("size", [(63, 600), (800, 63), (4097, 600), (800, 4096.5), (63.9, 64)])
def test_error_invalid_image_dimension(size: tuple[float, float]) -> None:
    line = SOURCE | {
        "parts": boxes(box(0, 1, 1, 30, 30), width=size[0], height=size[1]),
        "parts-metadata": box_metadata(1),
    }
    line |= sky(image_metadata())

    assert judged(line) == (LineStatus.INVALID, {"": "ERROR_INVALID_IMAGE_DIMENSION"})
    assert message(line, "errors") == "The image dimension(s) do not conform to allowed dimensions."


@pytest.mark.parametrize("size", [(64, 64), (4096, 4096)])
def test_image_dimensions_are_inclusive(size: tuple[int, int]) -> None:
    line = SOURCE | {
        "parts": boxes(box(0, 1, 1, 30, 30), width=size[0], height=size[1]),
        "parts-metadata": box_metadata(1),
    }

    assert judged(line) == (LineStatus.VALID, {})


def test_dimensions_without_boxes_do_not_matter() -> None:
    line = SOURCE | {"parts": boxes(width=10, height=10), "parts-metadata": box_metadata(0)}
    line |= sky(image_metadata())

    assert judged(line) == (LineStatus.VALID, {"/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS"})


@pytest.mark.parametrize(
    "annotation",
    [
        box(left=-1),
        box(top=-0.001),
        box(width=-90),
        box(height=-1),
        box(left=711, width=90),
        box(top=560.00001, height=40),
        box(left=10**300, width=1),
    ],
)
def test_error_invalid_bounding_box(annotation: Json) -> None:
    line = box_line(box(), annotation)

    assert judged(line) == (
        LineStatus.VALID,
        {"/parts/annotations/1": "ERROR_INVALID_BOUNDING_BOX"},
    )
    assert message(line, "parts", "annotations", 1, "errors") == (
        "The bounding box has off frame values."
    )


@pytest.mark.parametrize(
    "annotation",
    [box(0, 0, 0, 800, 600), box(0, 710, 560, 90, 40), box(0, 0.1, 0, 799.9000000001, 600)],
)
def test_boxes_may_touch_the_frame(annotation: Json) -> None:
    assert judged(box_line(annotation)) == (LineStatus.VALID, {})


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (0, 0), (0.5, 9)])
def test_error_bounding_box_too_small(size: tuple[float, float]) -> None:
    line = box_line(box(width=size[0], height=size[1]), box())

    assert judged(line) == (
        LineStatus.VALID,
        {"/parts/annotations/0": "ERROR_BOUNDING_BOX_TOO_SMALL"},
    )
    assert message(line, "parts", "annotations", 0, "errors") == (
        "The height and width of the bounding box is too small."
    )


@pytest.mark.parametrize(("side", "is_valid"), [(2, False), (2.01, True)])
def test_boxes_are_measured_after_the_training_resize(side: float, is_valid: bool) -> None:
    line = SOURCE | {
        "parts": boxes(box(), box(width=side, height=side), width=2560, height=600),
        "parts-metadata": box_metadata(2),
    }

    assert (judged(line)[1] == {}) is is_valid


def test_error_no_valid_annotations() -> None:
    line = box_line(box(left=-1), box(width=1))

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "": "ERROR_NO_VALID_ANNOTATIONS",
            "/parts/annotations/0": "ERROR_INVALID_BOUNDING_BOX",
            "/parts/annotations/1": "ERROR_BOUNDING_BOX_TOO_SMALL",
        },
    )
    assert message(line, "errors") == "No valid annotations found."


def test_lost_boxes_beside_a_valid_attribute_leave_the_line_valid() -> None:
    line = image_line() | parts(box(left=-1))

    assert judged(line) == (
        LineStatus.VALID,
        {"/parts/annotations/0": "ERROR_INVALID_BOUNDING_BOX"},
    )


def test_lost_boxes_beside_an_invalid_attribute_are_no_valid_annotations() -> None:
    line = SOURCE | parts(box(left=-1)) | sky(image_metadata(""))

    assert judged(line)[1][""] == "ERROR_NO_VALID_ANNOTATIONS"


def test_error_no_valid_label_attributes() -> None:
    line = SOURCE | sky(image_metadata("")) | {"BB": 1, "BB-metadata": {"type": "x"}}

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
            "/BB-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )


def test_error_invalid_image() -> None:
    line = encoded(image_line())

    (checked,) = with_image_faults([check_line(line)], ImageFaults(frozenset({0})))

    assert checked.status is LineStatus.INVALID
    assert checked.entry is None
    assert json.loads(annotated(line, checked))["errors"] == [
        {
            "code": "ERROR_INVALID_IMAGE",
            "message": "The image is invalid. Check S3 path and/or image properties.",
        }
    ]


def test_warning_unannotated_record() -> None:
    assert judged(SOURCE) == (LineStatus.IGNORED, {"": "WARNING_UNANNOTATED_RECORD"})
    assert message(SOURCE, "warnings") == "Record is unannotated."


def test_warning_unannotated_record_when_no_person_looked() -> None:
    line = box_line(human_annotated="no")

    assert judged(line) == (LineStatus.IGNORED, {"": "WARNING_UNANNOTATED_RECORD"})


def test_warning_no_attribute_annotations_and_no_annotations() -> None:
    line = box_line()
    del line["parts"]["annotations"]

    assert judged(line) == judged(box_line())
    assert judged(line) == (
        LineStatus.IGNORED,
        {"/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS", "": "WARNING_NO_ANNOTATIONS"},
    )
    assert message(line, "parts", "warnings") == "No attribute annotations were found."
    assert message(line, "warnings") == "No annotations were found."


def test_warning_no_attribute_annotations_beside_boxes() -> None:
    line = box_line() | {"more": boxes(box()), "more-metadata": box_metadata(1)}

    assert judged(line) == (LineStatus.VALID, {"/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS"})


def test_an_empty_attribute_beside_an_invalid_one_does_not_excuse_the_line() -> None:
    line = box_line() | sky(image_metadata(""))

    assert judged(line) == (
        LineStatus.INVALID,
        {
            "/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS",
            "/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
            "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        },
    )


def test_the_same_label_twice_counts_once() -> None:
    entry = check_line(encoded(image_line("fog", "fog", "rain"))).entry

    assert entry is not None
    assert [label.name for label in entry.image_labels] == ["fog", "rain"]


def test_the_first_fifty_image_labels_are_kept() -> None:
    entry = check_line(encoded(image_line(*(f"label {n}" for n in range(60))))).entry

    assert entry is not None
    assert [label.name for label in entry.image_labels] == [f"label {n}" for n in range(50)]


def test_an_entry_holds_what_the_line_says() -> None:
    line = image_line() | box_line(box(0, 10, 20, 90.5, 40), box(1, 400, 300, 80, 60), names="ab")

    entry = check_line(encoded(line)).entry

    assert entry is not None
    assert (entry.bucket, entry.key) == ("lab", "img/b7.jpg")
    assert entry.label_names == {"fog", "a", "b"}
    (label,) = entry.image_labels
    assert (label.name, label.human_annotated, label.job_name) == (
        "fog",
        True,
        "labeling-job/weather",
    )
    (box_set,) = entry.box_sets
    assert [tuple(one) for one in box_set.boxes()] == [
        ("a", 10, 20, 90.5, 40),
        ("b", 400, 300, 80, 60),
    ]
    name, fraction = list(box_set.fractions())[1]
    assert (name, fraction.left, fraction.top, fraction.width, fraction.height) == (
        "b",
        0.5,
        0.5,
        0.1,
        0.1,
    )
