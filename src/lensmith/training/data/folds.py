"""Stratified folds of pictures that may have several labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lensmith.domain.scene import units_of_scenes
from lensmith.training.data.arrays import LabelMatrix

NEVER_HELD_OUT = -1  # the fold of pictures that are always trained on

Folds = NDArray[np.int64]
"""[pictures], the fold of each."""


def stratified_folds(
    truth: LabelMatrix, folds: int, rng: Generator, scenes: Sequence[int] | None = None
) -> Folds:
    """Assign folds with labels spread evenly; a label's only picture is never held out.

    Pictures with the same number in `scenes` belong to one fold, as far as the labels allow
    (domain/scene.py).
    """
    uses = truth.sum(0)
    rarest = np.where(truth, uses, len(truth) + 1).argmin(1)  # each picture's rarest label
    units = _units(truth, folds, scenes)
    unit_label = np.array([rarest[unit[uses[rarest[unit]].argmin()]] for unit in units])
    fold_of = np.zeros(len(truth), np.int64)
    pictures_in = np.zeros(folds, np.int64)
    dealt = 0
    for label in np.argsort(uses, kind="stable"):
        with_label = np.zeros(folds, np.int64)
        for index in _by_size(rng.permutation(np.flatnonzero(unit_label == label)), units):
            unit = units[index]
            turn = (np.arange(folds) - dealt) % folds
            fold = np.lexsort((turn, pictures_in, with_label))[0]
            fold_of[unit] = fold
            with_label[fold] += len(unit)
            pictures_in[fold] += len(unit)
            dealt += 1
    fold_of[truth[:, uses == 1].any(1)] = NEVER_HELD_OUT
    return fold_of


def _units(truth: LabelMatrix, folds: int, scenes: Sequence[int] | None) -> list[NDArray[np.int64]]:
    """Divide pictures into units of one fold."""
    if scenes is None:
        return [np.array([picture]) for picture in range(len(truth))]
    labels = [tuple(np.flatnonzero(row).tolist()) for row in truth]
    most = max(1, len(truth) // folds)
    return [np.array(unit, np.int64) for unit in units_of_scenes(scenes, labels, most)]


def _by_size(order: NDArray[np.int64], units: Sequence[NDArray[np.int64]]) -> list[int]:
    return sorted(order.tolist(), key=lambda index: -len(units[index]))
