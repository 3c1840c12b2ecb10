"""The drawn circuit boards: defects lie where their boxes say, and a seed draws one set only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench.image_sets import is_set
from bench.localization.sets import read_boxed_set
from research.circuits.circuit_picture import MOST, Flavour, drawn_board, picture_of
from research.circuits.circuit_set import write_set

FAINT = 24  # of 255: what blur carries out of a box is less


@pytest.mark.parametrize("flavour", Flavour)
def test_only_what_lies_in_boxes_differs_from_the_flawless_twin(flavour: Flavour) -> None:
    circuit = drawn_board(flavour, 5, 1, (480, 400))
    spoilt = picture_of(circuit, (5, 1, 0), flawless=False)
    flawless = picture_of(circuit, (5, 1, 0), flawless=True)
    differs = np.abs(spoilt.pixels.astype(int) - flawless.pixels).max(2)
    assert 1 < len(spoilt.defects) <= MOST
    assert not flawless.defects
    for one in spoilt.defects:
        window = np.s_[one.top : one.top + one.height, one.left : one.left + one.width]
        assert differs[window].max() > FAINT, one.kind
        differs[window] = 0
    assert differs.max() <= FAINT


def test_the_set_can_be_read_and_its_parts_share_no_board(tmp_path: Path) -> None:
    write_set(folder := tmp_path / "scans", Flavour.SCANS, seed=5, training=5, testing=1)
    images = read_boxed_set(folder)
    assert is_set(folder)
    assert (len(images.training), len(images.testing)) == (5, 1)
    boards = [
        {image.file.name[-9:-6] for image in part} for part in (images.training, images.testing)
    ]
    assert len(boards[0]) == 2
    assert not boards[0] & boards[1]
    sides = [box.width for image in images.training for _, box in image.truth.boxes]
    assert 0.03 < np.median(sides) < 0.05


def test_the_same_seed_draws_the_same_set(tmp_path: Path) -> None:
    drawn = []
    for name in ("one", "other"):
        write_set(tmp_path / name, Flavour.SCANS, seed=5, training=2, testing=1)
        files = sorted((tmp_path / name / "images").iterdir())
        drawn.append([file.read_bytes() for file in files])
    assert drawn[0] == drawn[1]
