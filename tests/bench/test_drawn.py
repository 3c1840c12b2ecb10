"""The drawn sets: enough pictures, every label, boxes that lie on what was drawn."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from bench.drawn.circuit_boards import CIRCUIT_BOARDS
from bench.drawn.drawn_image import ExampleSet
from bench.drawn.flowers import FLOWERS
from PIL import Image

SETS = [FLOWERS, CIRCUIT_BOARDS]


@pytest.mark.parametrize("example", SETS, ids=lambda example: example.name)
def test_the_same_seed_draws_the_same_picture(example: ExampleSet) -> None:
    first, second = example.images("train", 1)[0], example.images("train", 1)[0]
    assert first.jpeg() == second.jpeg()
    assert first.jpeg() != example.images("test", 1)[0].jpeg()


def test_every_flower_is_drawn() -> None:
    pictures = FLOWERS.images("train", 8)
    assert {picture.label for picture in pictures} == set(FLOWERS.labels)
    metadata = json.loads(pictures[1].manifest_line("s3://lab/a"))["poppy-metadata"]
    assert metadata["class-name"] == "poppy"


def test_boxes_lie_inside_and_apart() -> None:
    for picture in CIRCUIT_BOARDS.images("train", 6):
        assert picture.boxes
        taken = np.zeros(picture.image.size[::-1], dtype=int)
        for box in picture.boxes:
            assert box.left >= 0
            assert box.left + box.width <= picture.image.width
            assert box.top >= 0
            assert box.top + box.height <= picture.image.height
            taken[box.top : box.top + box.height, box.left : box.left + box.width] += 1
        assert taken.max() == 1


def test_a_board_is_a_ground_truth_line() -> None:
    picture = CIRCUIT_BOARDS.images("train", 1)[0]
    line = json.loads(picture.manifest_line("s3://lab/boards"))
    names = line["bounding-box-metadata"]["class-map"]
    found = [names[str(box["class_id"])] for box in line["bounding-box"]["annotations"]]
    assert line["source-ref"] == f"s3://lab/boards/{picture.name}"
    assert found == [box.label for box in picture.boxes]


def test_pictures_are_jpegs_of_their_size() -> None:
    picture = FLOWERS.images("unseen", 1)[0]
    with Image.open(io.BytesIO(picture.jpeg())) as image:
        assert image.format == "JPEG"
        assert image.size == picture.image.size
