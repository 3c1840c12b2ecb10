"""One manifest line for each code of manifests.md 3.5 and 3.6, of an image that the test names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.manifest.lines import (
    Json,
    box,
    box_line,
    box_metadata,
    boxes,
    image_line,
    image_metadata,
    without,
)

Line = Json | bytes
Make = Callable[[str], Line]


def _changed(image: str, **changes: object) -> Json:
    """An image-level line whose attribute `sky` or its metadata is changed; None removes it."""
    line: Json = {"source-ref": image, "sky": 1, "sky-metadata": image_metadata()}
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    return {key: value for key, value in {**line, **renamed}.items() if value is not None}


def _boxes(image: str, *annotations: Json, **metadata: Any) -> Json:
    return box_line(*annotations, image=image, **metadata)


DROPPED_BY_DATASETS: dict[str, Make] = {
    "ERROR_INVALID_JSON_LINE": lambda image: b'{"source-ref":"' + image.encode() + b'",}',
    "ERROR_MISSING_SOURCE_REF": lambda image: without(image_line(image=image), "source-ref"),
    "ERROR_INVALID_SOURCE_REF_FORMAT": lambda image: image_line(image="https://lab/a.png"),
}
"""Codes of training only: a dataset never holds such lines (2.2)."""

KEPT_BY_DATASETS: dict[str, Make] = {
    "ERROR_NO_LABEL_ATTRIBUTES": lambda image: _changed(image, sky_metadata=None),
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": lambda image: {
        **_boxes(image, box()),
        "parts": without(boxes(box()), "image_size"),
    },
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": lambda image: _changed(
        image, sky_metadata=image_metadata(human_annotated=None)
    ),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": lambda image: _boxes(image, box(), objects=[{}]),
    "ERROR_MISSING_CLASS_MAP_ID": lambda image: _boxes(image, box(), box(class_id=7)),
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": lambda image: {
        **_boxes(image, box()),
        "mask": 1,
        "mask-metadata": {"type": "groundtruth/semantic-segmentation"},
    },
    "ERROR_INVALID_LABEL_NAME_LENGTH": lambda image: {
        **_changed(image, sky_metadata=image_metadata("x" * 257)),
        "sea": 1,
        "sea-metadata": image_metadata("calm"),
    },
    "ERROR_TOO_MANY_BOUNDING_BOXES": lambda image: {
        **_boxes(image, *[box()] * 51),
        "sea": 1,
        "sea-metadata": image_metadata("calm"),
    },
    "ERROR_INVALID_IMAGE_DIMENSION": lambda image: {
        "source-ref": image,
        "parts": boxes(box(width=20, height=20), width=63, height=64),
        "parts-metadata": box_metadata(1),
    },
    "ERROR_INVALID_BOUNDING_BOX": lambda image: _boxes(image, box(left=-4), box()),
    "ERROR_BOUNDING_BOX_TOO_SMALL": lambda image: _boxes(image, box(), box(width=1, height=1)),
    "ERROR_NO_VALID_ANNOTATIONS": lambda image: _boxes(image, box(top=601)),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": lambda image: _changed(
        image, sky_metadata=image_metadata("")
    ),
}
"""The thirteen codes of entries with `cl-errors` (2.3)."""

WARNINGS: dict[str, Make] = {
    "WARNING_UNANNOTATED_RECORD": lambda image: {"source-ref": image},
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": lambda image: {
        **_boxes(image),
        "sea": 1,
        "sea-metadata": image_metadata("calm"),
    },
    "WARNING_NO_ANNOTATIONS": lambda image: _boxes(image),
}

FOUND: dict[str, dict[str, str]] = {
    "ERROR_INVALID_JSON_LINE": {"": "ERROR_INVALID_JSON_LINE"},
    "ERROR_MISSING_SOURCE_REF": {"": "ERROR_MISSING_SOURCE_REF"},
    "ERROR_INVALID_SOURCE_REF_FORMAT": {"": "ERROR_INVALID_SOURCE_REF_FORMAT"},
    "ERROR_NO_LABEL_ATTRIBUTES": {"": "ERROR_NO_LABEL_ATTRIBUTES"},
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": {"/parts": "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"},
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": {
        "/sky-metadata": "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"
    },
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": {
        "/parts-metadata": "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"
    },
    "ERROR_MISSING_CLASS_MAP_ID": {"/parts-metadata": "ERROR_MISSING_CLASS_MAP_ID"},
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": {"/mask-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE"},
    "ERROR_INVALID_LABEL_NAME_LENGTH": {"/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH"},
    "ERROR_TOO_MANY_BOUNDING_BOXES": {"/parts": "ERROR_TOO_MANY_BOUNDING_BOXES"},
    "ERROR_INVALID_IMAGE_DIMENSION": {"": "ERROR_INVALID_IMAGE_DIMENSION"},
    "ERROR_INVALID_BOUNDING_BOX": {"/parts/annotations/0": "ERROR_INVALID_BOUNDING_BOX"},
    "ERROR_BOUNDING_BOX_TOO_SMALL": {"/parts/annotations/1": "ERROR_BOUNDING_BOX_TOO_SMALL"},
    "ERROR_NO_VALID_ANNOTATIONS": {
        "": "ERROR_NO_VALID_ANNOTATIONS",
        "/parts/annotations/0": "ERROR_INVALID_BOUNDING_BOX",
    },
    "ERROR_INVALID_IMAGE": {"": "ERROR_INVALID_IMAGE"},
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": {
        "": "ERROR_NO_VALID_LABEL_ATTRIBUTES",
        "/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
    },
    "WARNING_UNANNOTATED_RECORD": {"": "WARNING_UNANNOTATED_RECORD"},
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": {"/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS"},
    "WARNING_NO_ANNOTATIONS": {
        "": "WARNING_NO_ANNOTATIONS",
        "/parts": "WARNING_NO_ATTRIBUTE_ANNOTATIONS",
    },
}
"""Where the findings of each of these lines stand, as `codes_by_place` tells it."""

MESSAGES: dict[str, str] = {
    "ERROR_INVALID_JSON_LINE": "The JSON Line has an invalid format.",
    "ERROR_MISSING_SOURCE_REF": "The source-ref key is missing.",
    "ERROR_INVALID_SOURCE_REF_FORMAT": "The format of the source-ref value is invalid.",
    "ERROR_NO_LABEL_ATTRIBUTES": "No label attributes found.",
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": ("The format of the label attribute parts is invalid."),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": (
        "The format of the label attribute metadata is invalid."
    ),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": (
        "One or more bounding boxes has a missing confidence value."
    ),
    "ERROR_MISSING_CLASS_MAP_ID": "One of more class ids is missing from the class map.",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": (
        "The use case type of the mask-metadata label attribute metadata is unsupported. "
        "Check the type field."
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": "The length of the label name is invalid.",
    "ERROR_TOO_MANY_BOUNDING_BOXES": "There are more bounding boxes than the allowed maximum.",
    "ERROR_INVALID_IMAGE_DIMENSION": (
        "The image dimension(s) do not conform to allowed dimensions."
    ),
    "ERROR_INVALID_BOUNDING_BOX": "The bounding box has off frame values.",
    "ERROR_BOUNDING_BOX_TOO_SMALL": "The height and width of the bounding box is too small.",
    "ERROR_NO_VALID_ANNOTATIONS": "No valid annotations found.",
    "ERROR_INVALID_IMAGE": "The image is invalid. Check S3 path and/or image properties.",
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": "No valid label attributes found.",
    "WARNING_UNANNOTATED_RECORD": "Record is unannotated.",
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": "No attribute annotations were found.",
    "WARNING_NO_ANNOTATIONS": "No annotations were found.",
}
"""The sentences of the specification, letter by letter."""
