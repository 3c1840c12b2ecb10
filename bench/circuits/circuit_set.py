"""The drawn boards as a set: a folder with images/, train.manifest and test.manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from numpy.random import Generator, default_rng
from PIL import Image

from bench.circuits.circuit_picture import (
    BoxedDefect,
    CircuitBoard,
    CircuitPicture,
    Flavour,
    drawn_board,
    picture_of,
)
from bench.circuits.defects import DRILLED, ETCHED

TRAINING, TESTING = 120, 60  # pictures
PICTURES_A_BOARD = 4
_DATE = "2026-01-01T00:00:00"


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
        _write_lines(folder / f"{part}.manifest", lines)


def _store(path: Path, picture: CircuitPicture, chance: Generator) -> None:
    Image.fromarray(picture.pixels).save(path, "JPEG", quality=int(chance.integers(72, 95)))


def _line(
    name: str, file: str, circuit: CircuitBoard, defects: Iterable[BoxedDefect]
) -> dict[str, Any]:
    numbers = {kind: number for number, kind in enumerate(sorted({**DRILLED, **ETCHED}))}
    width, height = circuit.size
    annotations = [
        {
            "class_id": numbers[one.kind],
            "left": one.left,
            "top": one.top,
            "width": one.width,
            "height": one.height,
        }
        for one in defects
    ]
    return {
        "source-ref": f"s3://BUCKET/{name}/images/{file}",
        "defects": {
            "image_size": [{"width": width, "height": height, "depth": 3}],
            "annotations": annotations,
        },
        "defects-metadata": {
            "objects": [{"confidence": 1} for _ in annotations],
            "class-map": {str(number): kind for kind, number in numbers.items()},
            "type": "groundtruth/object-detection",
            "human-annotated": "no",
            "creation-date": _DATE,
            "job-name": f"labeling-job/{name}",
        },
    }


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
