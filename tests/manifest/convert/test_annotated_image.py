"""Stored lines as other formats see them."""

from __future__ import annotations

import json
from typing import Any

from lensmith.manifest.convert.annotated_image import (
    AnnotatedImage,
    LabeledPixels,
    read_annotated_image,
)
from lensmith.manifest.convert.class_numbers import ClassNumbers
from lensmith.manifest.convert.draft import Problem, ProblemKind


def boxes(width: float, *annotations: dict[str, Any], **names: str) -> dict[str, Any]:
    return {
        "parts": {
            "image_size": [{"width": width, "height": 100, "depth": 3}],
            "annotations": list(annotations),
        },
        "parts-metadata": {
            "class-map": {key.removeprefix("_"): name for key, name in names.items()},
            "type": "groundtruth/object-detection",
        },
    }


def box(class_id: Any, left: Any = 1) -> dict[str, Any]:
    return {"class_id": class_id, "left": left, "top": 2.5, "width": 30, "height": 40}


def read(line: dict[str, Any]) -> tuple[AnnotatedImage, list[Problem]]:
    return read_annotated_image(json.dumps({"source-ref": "s3://b/k", **line}))


def test_boxes_and_labels_of_all_attributes_come_together() -> None:
    other = {f"more{key[5:]}": value for key, value in boxes(200, box(0, 50), _0="nut").items()}
    weather = {"class-name": "fog", "type": "groundtruth/image-classification"}
    line = boxes(100, box(3), _3="bolt") | other | {"weather": 1, "weather-metadata": weather}
    picture, problems = read(line)
    assert problems == []
    assert picture.size == (100, 100)
    assert picture.labels == ("fog",)
    assert picture.boxes == (
        LabeledPixels("bolt", 3, 1, 2.5, 30, 40),
        LabeledPixels("nut", 0, 25.0, 2.5, 15.0, 40),
    )
    assert isinstance(picture.boxes[0].left, int)


def test_what_cannot_be_read_is_named() -> None:
    picture, problems = read(boxes(100, box(0), box(1), box("x"), box(0, None), _0="nut"))
    assert len(picture.boxes) == 1
    assert problems == [
        Problem(ProblemKind.UNREADABLE_ANNOTATION, f"s3://b/k, parts[{number}]")
        for number in (1, 2, 3)
    ]
    other = {"sound": 1, "sound-metadata": {"type": "groundtruth/audio"}}
    assert read(other)[1] == [Problem(ProblemKind.UNREADABLE_ANNOTATION, "s3://b/k, sound")]


def test_an_unlabelled_line_is_a_picture_without_size() -> None:
    assert read({"cl-metadata": {"is_labeled": False}}) == (
        AnnotatedImage("s3://b/k", None, (), ()),
        [],
    )


def test_labels_keep_their_number_unless_another_has_it() -> None:
    numbers = ClassNumbers()
    for line in (boxes(9, box(5), _5="bolt"), boxes(9, box(5), box(0), _5="nut", _0="bolt")):
        numbers.add(read(line)[0])
    assert numbers.numbers == {"bolt": 5, "nut": 6}
    assert numbers.in_order() == ["bolt", "nut"]
