"""Drawn sets as folders of images and manifests, like those in LENSMITH_DATA."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.drawn.circuit_boards import CIRCUIT_BOARDS
from bench.drawn.drawn_image import ExampleSet
from bench.drawn.flowers import FLOWERS
from bench.image_sets import is_set


@dataclass(frozen=True, slots=True)
class DrawnSet:
    images: ExampleSet
    training: int  # images
    testing: int


DRAWN: Mapping[str, DrawnSet] = {
    "flowers": DrawnSet(FLOWERS, 40, 60),
    "boards": DrawnSet(CIRCUIT_BOARDS, 30, 30),
}


def drawn_folder(name: str, parent: Path) -> Path:
    """Draw a set into `parent` unless it is there; return its folder."""
    folder, drawn = parent / name, DRAWN[name]
    if is_set(folder):
        return folder
    (folder / "images").mkdir(parents=True, exist_ok=True)
    for part, count in (("train", drawn.training), ("test", drawn.testing)):
        lines = []
        for image in drawn.images.images(part, count):
            name_of_file = f"{part}-{image.name}"
            (folder / "images" / name_of_file).write_bytes(image.jpeg())
            line = image.manifest_line(f"s3://BUCKET/{name}/images")
            lines.append(line.replace(f"/{image.name}", f"/{name_of_file}"))
        (folder / f"{part}.manifest").write_text("\n".join(lines) + "\n")
    return folder
