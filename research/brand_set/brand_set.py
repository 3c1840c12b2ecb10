"""The set of the brand benchmark as a folder: images/, empty/ and three manifests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.random import default_rng

from research.brand_set.logo_pictures import write_logo_pictures
from research.brand_set.marks import BrandMark
from research.brand_set.scenes import CLOSE, Scene, compose
from research.drawing.manifest import box_line, label_line, write_manifest

SCENES, EMPTY_SCENES, CLOSE_SCENES = 90, 15, 40
PHOTO_SETS = ("grocery", "cards", "carlogo")
BUCKET = "brand"


def write_set(folder: Path, marks: list[BrandMark], data: Path, seed: int) -> None:
    """Ten logo pictures a mark; scenes with one to three marks, with none, with one close by.

    `data` is LENSMITH_DATA, whose photographs are the scenes' grounds. Scenes without marks are
    no lines of the manifest, which could not say that they are empty (manifests.md 3.6).
    """
    images = folder / "images"
    images.mkdir(parents=True)
    (folder / "empty").mkdir()
    logos = [
        label_line(_source_ref(path), mark.name)
        for mark in marks
        for path in write_logo_pictures(mark, images)
    ]
    write_manifest(folder / "train.manifest", logos)
    rng = default_rng(seed)
    photos = _photos(data, SCENES + EMPTY_SCENES + CLOSE_SCENES, seed)
    lines = []
    for number, photo in enumerate(photos[:SCENES]):
        first = number % len(marks)  # every mark about as often
        others = rng.permutation([one for one in range(len(marks)) if one != first])
        chosen = [first, *others[: rng.integers(0, 3)].tolist()]
        scene = compose(photo, [marks[one] for one in chosen], rng)
        path = images / f"scene-{number:03d}.jpg"
        path.write_bytes(scene.jpeg)
        lines.append(_scene_line(path, scene, marks))
    write_manifest(folder / "test.manifest", lines)
    for number, photo in enumerate(photos[SCENES : SCENES + EMPTY_SCENES]):
        (folder / "empty" / f"{number:03d}.jpg").write_bytes(compose(photo, [], rng).jpeg)
    lines = []
    for number, photo in enumerate(photos[SCENES + EMPTY_SCENES :]):
        scene = compose(photo, [marks[number % len(marks)]], rng, CLOSE)
        if not scene.boxes:  # too wide for the scene
            continue
        path = images / f"close-{number:03d}.jpg"
        path.write_bytes(scene.jpeg)
        lines.append(_scene_line(path, scene, marks))
    write_manifest(folder / "close.manifest", lines)


def _photos(data: Path, wanted: int, seed: int) -> list[Path]:
    """As many of each set as of any other, none twice."""
    rng = default_rng([seed, 1])
    drawn = [
        rng.permutation(sorted(str(path) for path in (data / name / "images").iterdir()))
        for name in PHOTO_SETS
    ]
    return [Path(str(drawn[one % len(drawn)][one // len(drawn)])) for one in range(wanted)]


def _scene_line(path: Path, scene: Scene, marks: list[BrandMark]) -> dict[str, Any]:
    width, height = scene.size
    boxes = [
        (name, (box.left * width, box.top * height, box.width * width, box.height * height))
        for name, box in scene.boxes
    ]
    return box_line(_source_ref(path), scene.size, boxes, [mark.name for mark in marks], "marks")


def _source_ref(path: Path) -> str:
    return f"s3://{BUCKET}/images/{path.name}"
