"""Label Studio's JSON to drafts."""

from __future__ import annotations

import csv
import io
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


_BOX = {
    "x": 10,
    "y": 20,
    "width": 30,
    "height": 40,
    "rotation": 0,
    "rectanglelabels": ["bolt"],
    "original_width": 200,
    "original_height": 100,
}


def written(rows: list[list[str]]) -> bytes:
    output = io.StringIO()
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


@pytest.mark.parametrize(
    "data",
    [
        written(
            [
                ["image", "note", "id", "label", "choice", "annotator", "annotation_id"],
                ["/data/upload/1/0a1b2c3d-a.jpg", "wet", "7", json.dumps([_BOX]), "fog", "1", "3"],
            ]
        ),
        written(  # by name, as older versions order their columns
            [
                ["annotation_id", "annotator", "choice", "id", "image", "label", "note"],
                ["3", "1", "fog", "7", "/data/upload/1/0a1b2c3d-a.jpg", json.dumps([_BOX]), "wet"],
            ]
        ),
        json.dumps(
            [
                {
                    "image": "/data/upload/1/0a1b2c3d-a.jpg",
                    "id": 7,
                    "label": [_BOX],
                    "choice": {"choices": ["fog"]},
                    "annotator": 1,
                    "annotation_id": 3,
                }
            ]
        ).encode(),
    ],
    ids=["csv", "sorted csv", "json-min"],
)
def test_flat_exports_are_the_same(data: bytes) -> None:
    (draft,) = read_label_studio(data, _ORIGIN)
    assert isinstance(draft, Draft)
    assert draft.others == ("a.jpg",)
    assert draft.attributes["bounding-box"]["annotations"] == [
        {"class_id": 0, "left": 20, "top": 20, "width": 60, "height": 40}
    ]
    assert set(draft.attributes) == {"fog", "fog-metadata", "bounding-box", "bounding-box-metadata"}


def test_odd_cells_cost_themselves() -> None:
    rows = [
        ["image", "id", "label", "annotator"],
        ["a.jpg", "1", "[{", "x"],
        ["b.jpg", "2", "", "x"],
        ["c.jpg", "3", "[7]", "x"],
        ["c.jpg", "3", json.dumps({"choices": ["fog", "rain"]}), "x"],
    ]
    odd, first, second, third = read_label_studio(written(rows), _ORIGIN)
    assert odd == Problem(ProblemKind.NO_LABEL_NAME, "a.jpg, result 1")
    assert first == Draft("a.jpg", {})
    assert second == Draft("b.jpg", {})
    assert isinstance(third, Draft)
    assert {"fog", "rain"} <= set(third.attributes)
    with pytest.raises(UnreadableSourceError, match="neither JSON nor CSV"):
        list(read_label_studio(b"a.jpg,fog\n", _ORIGIN))


@pytest.mark.parametrize(
    ("result", "box"),
    [
        (shape("labels", x=10, y=20, width=30, height=40), (20, 20, 60, 40)),
        (shape("ellipselabels", x=50, y=50, radiusX=10, radiusY=20), (80, 30, 40, 40)),
        (shape("rectanglelabels", x=80, y=20, width=20.000001, height="40"), (160, 20, 40, 40)),
        (shape("polygonlabels", points=[[-5, 20], [20, 20], [15, 60]]), (0, 20, 40, 40)),
    ],
)
def test_shapes_of_every_kind(result: dict[str, Any], box: tuple[float, ...]) -> None:
    without_size = {key: value for key, value in result.items() if "original" not in key}
    data = {"image": "/data/upload/1/0a1b2c3d-a.jpg"}
    task = {"data": data, "completions": [{"result": [without_size]}]}
    sizes = {"a.jpg": (200, 100)}
    (draft,) = read_label_studio(json.dumps([task]).encode(), _ORIGIN, sizes.get)
    assert isinstance(draft, Draft)
    (found,) = draft.attributes["bounding-box"]["annotations"]
    assert tuple(found[side] for side in ("left", "top", "width", "height")) == box
