"""The drawn boards as a set: a folder with images/, train.manifest and test.manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.random import Generator, default_rng
from PIL import Image

from research.circuits.circuit_picture import (
    BoxedDefect,
    CircuitBoard,
    CircuitPicture,
    Flavour,
    drawn_board,
    picture_of,
)
from research.circuits.defects import DRILLED, ETCHED
from research.drawing.manifest import box_line, write_manifest

TRAINING, TESTING = 120, 60  # pictures
PICTURES_A_BOARD = 4
KINDS = sorted({**DRILLED, **ETCHED})


def write_set(
    folder: Path, flavour: Flavour, seed: int, training: int = TRAINING, testing: int = TESTING
) -> None:
    """No board is in both parts; each picture of a board has other defects. Writes `folder`."""
    (folder / "images").mkdir(parents=True)
    board = 0
    for part, pictures in (("train", training), ("test", testing)):
        lines = []
        for number in range(pictures):
            if number % PICTURES_A_BOARD == 0:
                circuit, board = drawn_board(flavour, seed, board), board + 1
            name = f"{part}-{board:03d}-{number % PICTURES_A_BOARD}.jpg"
            picture = picture_of(circuit, (seed, board, number), flawless=False)
            _store(folder / "images" / name, picture, default_rng([seed, board, number, 3]))
            lines.append(_line(folder.name, name, circuit, picture.defects))
        write_manifest(folder / f"{part}.manifest", lines)


def _store(path: Path, picture: CircuitPicture, rng: Generator) -> None:
    Image.fromarray(picture.pixels).save(path, "JPEG", quality=int(rng.integers(72, 95)))


def _line(
    name: str, file: str, circuit: CircuitBoard, defects: Iterable[BoxedDefect]
) -> dict[str, Any]:
    boxes = [(one.kind, (one.left, one.top, one.width, one.height)) for one in defects]
    source_ref = f"s3://BUCKET/{name}/images/{file}"
    return box_line(source_ref, circuit.size, boxes, KINDS, "defects")
