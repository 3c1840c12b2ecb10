"""Label Studio's JSON to drafts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin
from lensmith.manifest.convert.label_studio import read_label_studio

_ORIGIN = Origin("2026-01-02T03:04:05", "labeling-job/test")


def read(*results: dict[str, Any], image: str = "/data/upload/1/0a1b2c3d-a.jpg") -> list[Any]:
    cancelled = {"was_cancelled": True, "result": [{"type": "choices"}]}
    task = {"data": {"image": image}, "annotations": [{"result": list(results)}, cancelled]}
    return list(read_label_studio(json.dumps([task]).encode(), _ORIGIN))


def shape(kind: str, **value: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "original_width": 200,
        "original_height": 100,
        "value": {kind: ["bolt"], **value},
    }


def test_percent_become_pixels() -> None:
    (draft,) = read(
        shape("rectanglelabels", x=10, y=20, width=30.5, height=40, rotation=0),
        shape("polygonlabels", points=[[10, 20], [20, 20], [15, 60]]),
        {"type": "choices", "value": {"choices": ["fog"]}},
    )
    assert isinstance(draft, Draft)
    assert draft.others == ("a.jpg",)
    assert draft.attributes["bounding-box"]["annotations"] == [
        {"class_id": 0, "left": 20, "top": 20, "width": 61, "height": 40},
        {"class_id": 0, "left": 20, "top": 20, "width": 20, "height": 40},
    ]
    assert draft.attributes["fog"] == 1


@pytest.mark.parametrize(
    ("image", "found"),
    [("s3://b/a.jpg", "s3://b/a.jpg"), ("/data/local-files/?d=x%20y/a.jpg", "x y/a.jpg")],
)
def test_images_of_other_storages(image: str, found: str) -> None:
    assert read(image=image) == [Draft(found, {})]


@pytest.mark.parametrize(
    "value",
    [{"x": 1}, {"x": 1, "y": 2, "width": 3, "height": 4, "rotation": 9}, {"points": [[1]]}],
)
def test_other_shapes_are_named(value: dict[str, Any]) -> None:
    problem, _ = read(shape("rectanglelabels", **value))
    assert problem == Problem(ProblemKind.BAD_BOX, "/data/upload/1/0a1b2c3d-a.jpg, result 1")


@pytest.mark.parametrize("data", [b"", b"{}", b'[{"image": "a.jpg", "label": []}]', b"[1]"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSourceError):
        list(read_label_studio(data, _ORIGIN))
