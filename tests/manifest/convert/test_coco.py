"""COCO JSON to drafts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lensmith.manifest.convert.coco import read_coco
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin

_ORIGIN = Origin("2026-01-02T03:04:05", "labeling-job/test")

_COCO: dict[str, Any] = {
    "images": [
        {
            "id": 7,
            "width": 640,
            "height": 480.0,
            "file_name": "a.jpg",
            "date_captured": "2013-11-18 02:53:27",
        },
        {
            "id": 8,
            "width": 640,
            "height": 480,
            "file_name": "b.jpg",
            "coco_url": "s3://shop/x/b.jpg",
        },
        {"id": 9, "width": 640, "height": 480, "file_name": "c.jpg", "coco_url": "http://c"},
    ],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 3, "bbox": [1.25, 2, 30, 40.5], "iscrowd": 1},
        {"id": 2, "image_id": 7, "category_id": 3, "bbox": [5, 6, 7, 8], "segmentation": [[1, 2]]},
        {"id": 3, "image_id": 8, "category_id": 99, "bbox": [5, 6, 7, 8]},
    ],
    "categories": [{"id": 3, "name": "bolt", "supercategory": "x"}, {"id": 4, "name": "nut"}],
}


def read(coco: dict[str, Any], **given: bool) -> list[Draft | Problem]:
    return list(read_coco(json.dumps(coco).encode(), _ORIGIN, **given))


def test_follows_the_rules_of_the_guide() -> None:
    first, second, third = read(_COCO)
    assert isinstance(first, Draft)
    assert first.image == "a.jpg"
    assert first.attributes == {
        "bounding-box": {
            "image_size": [{"width": 640, "height": 480.0, "depth": 3}],
            "annotations": [
                {"class_id": 3, "left": 1.25, "top": 2, "width": 30, "height": 40.5},
                {"class_id": 3, "left": 5, "top": 6, "width": 7, "height": 8},
            ],
        },
        "bounding-box-metadata": {
            "objects": [{"confidence": 1}, {"confidence": 1}],
            "class-map": {"3": "bolt"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2013-11-18T02:53:27",
            "job-name": "labeling-job/test",
        },
    }
    assert isinstance(second, Draft)
    assert second.image == "s3://shop/x/b.jpg"
    assert second.attributes["bounding-box-metadata"]["class-map"] == {}, "left to the validator"
    assert second.attributes["bounding-box-metadata"]["creation-date"] == _ORIGIN.created
    assert isinstance(third, Draft)
    assert third.image == "c.jpg"
    assert third.attributes["bounding-box"]["annotations"] == []


def test_urls_are_not_followed_when_images_are_elsewhere() -> None:
    assert [one.image for one in read(_COCO, follow_urls=False) if isinstance(one, Draft)] == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
    ]


@pytest.mark.parametrize("bbox", [[], [1, 2, 3], None, "1234", [1, 2, 3, "4"], [1, 2, 3, True]])
def test_an_unusable_box_is_named(bbox: object) -> None:
    annotation = {"image_id": 7, "category_id": 3, "bbox": bbox}
    problem, *drafts = read(_COCO | {"annotations": [annotation]})
    assert problem == Problem(ProblemKind.BAD_BOX, "annotations[0] of a.jpg")
    assert len(drafts) == 3


def test_what_belongs_to_no_image_is_named() -> None:
    annotation = {"image_id": 1000, "category_id": 3, "bbox": [1, 2, 3, 4]}
    assert Problem(ProblemKind.UNKNOWN_IMAGE, "annotations[0] of image 1000") in read(
        _COCO | {"annotations": [annotation]}
    )
    twice = [*_COCO["images"], {"id": 7, "file_name": "d.jpg", "width": 1, "height": 1}]
    assert Problem(ProblemKind.REPEATED_ID, "image d.jpg (id 7)") in read(_COCO | {"images": twice})
    unsized = [{"id": 7, "file_name": "d.jpg"}]
    assert Problem(ProblemKind.NO_SIZE, "image d.jpg") in read(_COCO | {"images": unsized})


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b"\xff", b'{"images":[{}]}', b'{"images":1}', b"[" * 100_000],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSourceError, match="not COCO"):
        list(read_coco(data, _ORIGIN))
