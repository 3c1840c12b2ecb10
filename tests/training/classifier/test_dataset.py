from __future__ import annotations

from pathlib import Path

import numpy as np

from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.data.example import Example
from lensmith.training.data.folds import NEVER_HELD_OUT


def data(*labels: tuple[int, ...]) -> LabelledPictures:
    examples = [Example(Path(f"{index}.png"), given) for index, given in enumerate(labels)]
    return LabelledPictures.of(examples, 3, folds=2, seed=0)


def test_labels_exclude_each_other_when_every_picture_has_one() -> None:
    assert data((0,), (1,)).exclusive
    assert not data((0,), (0, 1)).exclusive
    assert not data((0,), ()).exclusive


def test_pictures_a_label_count_only_labels_in_use() -> None:
    assert data((0,), (0,), (0, 1), (0,)).a_label == 2.5
    assert data((), ()).a_label == 0


def test_folds_among_the_held_out() -> None:
    pictures = data((0,), (0,), (1,), (0,), (0,))
    assert pictures.fold_of[2] == NEVER_HELD_OUT
    assert pictures.folds == [0, 1]
    held_out = np.delete(np.arange(5), 2)
    assert (held_out[pictures.held_out_in([0])] == pictures.first_fold).all()
    assert pictures.held_out_in([0, 1]).all()
    assert data((0,), (1,)).folds == []


def test_a_scene_is_not_learnt_and_judged_apart() -> None:
    examples = [Example(Path(f"{n}.png"), (n % 3,), scene=n // 6) for n in range(48)]
    folds = LabelledPictures.of(examples, 3, folds=4, seed=0).fold_of
    assert folds.tolist() == np.repeat(folds[::6], 6).tolist()
    assert len(set(folds.tolist())) == 4
