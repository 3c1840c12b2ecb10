"""COCO JSON to drafts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from faster_coco_eval.core.mask import encode

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


def read(coco: dict[str, Any], *, follow_urls: bool = True) -> list[Draft | Problem]:
    return list(read_coco(json.dumps(coco).encode(), _ORIGIN, follow_urls=follow_urls))


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


@pytest.mark.parametrize("bbox", [[], [1, 2, 3], None, "1234", [1, 2, 3, "x"], [1, 2, 3, True]])
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


def only(annotation: dict[str, Any], **image: Any) -> tuple[list[Problem], list[dict[str, Any]]]:
    """Problems and boxes of one annotation of one image."""
    known = {"id": 7, "file_name": "a.jpg", "width": 640, "height": 480} | image
    found = read(
        {"images": [known], "annotations": [annotation], "categories": _COCO["categories"]}
    )
    drafts = [one for one in found if isinstance(one, Draft)]
    boxes = [box for one in drafts for box in one.attributes["bounding-box"]["annotations"]]
    return [one for one in found if isinstance(one, Problem)], boxes


_BOX = {"class_id": 3, "left": 1, "top": 2, "width": 30, "height": 40}


@pytest.mark.parametrize("id_", [7, 7.0, "7", " 7.0 "])
@pytest.mark.parametrize("category", [3, 3.0, "3", "3.0"])
def test_ids_may_be_text_or_float(id_: object, category: object) -> None:
    annotation = {"image_id": id_, "category_id": category, "bbox": [1, 2, 30, 40]}
    assert only(annotation) == ([], [_BOX])
    assert only(annotation | {"image_id": 7}, id=id_) == ([], [_BOX])


@pytest.mark.parametrize("category", [None, [], {}, "screw", True, 2.5])
def test_an_odd_category_costs_its_annotation(category: object) -> None:
    problems, boxes = only({"image_id": 7, "category_id": category, "bbox": [1, 2, 3, 4]})
    assert [problem.kind for problem in problems] == [ProblemKind.UNKNOWN_CLASS]
    assert boxes == []


def test_odd_records_cost_themselves() -> None:
    odd: dict[str, Any] = {
        "images": [None, 5, {"id": None}, *_COCO["images"]],
        "annotations": [None, "x", *_COCO["annotations"]],
        "categories": [None, {"id": 9}, *_COCO["categories"]],
    }
    drafts = [one for one in read(odd) if isinstance(one, Draft)]
    assert drafts == [one for one in read(_COCO) if isinstance(one, Draft)]
    text = json.dumps(_COCO).replace("1.25", "NaN")
    assert Problem(ProblemKind.BAD_BOX, "annotations[0] of a.jpg") in list(
        read_coco(text.encode(), _ORIGIN)
    )


def test_ids_of_categories_may_be_words() -> None:
    coco = _COCO | {
        "categories": [{"id": "c1", "name": "bolt"}, {"id": 0, "name": "nut"}],
        "annotations": [{"image_id": 7, "category_id": "c1", "bbox": [1, 2, 3, 4]}],
    }
    first = read(coco)[0]
    assert isinstance(first, Draft)
    assert first.attributes["bounding-box-metadata"]["class-map"] == {"1": "bolt"}


_MASK = np.zeros((480, 640), np.uint8, "F")
_MASK[2:42, 1:31] = 1


@pytest.mark.parametrize(
    "segmentation",
    [
        [[1, 2, 31, 2, 31, 42]],
        [[1, 2, 5, 2, 5, 9], [6, 9, 31, 2, 31, 42]],
        [1, 2, 31, 2, 31, 42],
        {
            "size": [480, 640],
            "counts": [482, *[40, 440] * 29, 40, 480 * 640 - 482 - 29 * 480 - 40],
        },
        {"size": [480, 640], "counts": encode(_MASK)["counts"].decode()},
    ],
)
@pytest.mark.parametrize("bbox", [[], None])
def test_a_segmentation_without_box_gives_the_box_around_it(
    segmentation: object, bbox: object
) -> None:
    annotation = {"image_id": 7, "category_id": 3, "bbox": bbox, "segmentation": segmentation}
    assert only(annotation) == ([], [_BOX])


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [9, 9], "counts": "~"},
        {"size": [9], "counts": [81]},
        {"size": [9, 9], "counts": [81]},
        {"size": [9, 9], "counts": [1, 2]},
        [[1, 2]],
        [["x"] * 6],
        "x",
        3,
    ],
)
def test_other_segmentations_have_no_box(segmentation: object) -> None:
    annotation = {"image_id": 7, "category_id": 3, "segmentation": segmentation}
    assert [one.kind for one in only(annotation)[0]] == [ProblemKind.BAD_BOX]


def test_sizes_may_be_text_or_come_from_the_image() -> None:
    annotation = {"image_id": 7, "category_id": 3, "bbox": [1, 2, 30, 40]}
    assert only(annotation, width="640", height=480.0) == ([], [_BOX])
    unsized = {"images": [{"id": 7, "file_name": "d.jpg", "width": 0, "height": None}]}
    (draft,) = read_coco(json.dumps(unsized).encode(), _ORIGIN, size_of={"d.jpg": (9, 8)}.get)
    assert isinstance(draft, Draft)
    size = draft.attributes["bounding-box"]["image_size"]
    assert size == [{"width": 9, "height": 8, "depth": 3}]


@pytest.mark.parametrize(
    ("given", "box"),
    [
        ({"bbox": ["10", "20", "5e1", 60]}, (10, 20, 50, 60)),
        ({"bbox": [0, 0, 0, 0], "segmentation": [[10, 20, 60, 20, 60, 80]]}, (10, 20, 50, 60)),
        ({"segmentation": [[[10, 20], [60, 20], [60, 80]]]}, (10, 20, 50, 60)),
        ({"segmentation": [["10", "20", "60", "20", "60", "80"]]}, (10, 20, 50, 60)),
        ({"segmentation": [[-5, 20, 60, 20, 60, 80]]}, (0, 20, 60, 60)),
        ({"segmentation": [[150, 90, 220, 90, 220, 130]]}, (150, 90, 50, 10)),
    ],
)
def test_boxes_as_other_tools_write_them(given: dict[str, object], box: tuple[float, ...]) -> None:
    images = [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}]
    annotations = [{"image_id": 1, "category_id": "bolt", **given}]
    categories = [{"id": 7, "name": "bolt"}]
    (draft,) = read({"images": images, "annotations": annotations, "categories": categories})
    assert isinstance(draft, Draft)
    (found,) = draft.attributes["bounding-box"]["annotations"]
    assert (found["class_id"], *(found[side] for side in ("left", "top", "width", "height"))) == (
        7,
        *box,
    )


def test_no_annotations_are_none() -> None:
    images = [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}]
    (draft,) = read({"images": images, "annotations": None, "categories": None})
    assert isinstance(draft, Draft)
