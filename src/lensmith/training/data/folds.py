"""Stratified folds of pictures that may have several labels."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from lensmith.training.data.arrays import LabelMatrix

NEVER_HELD_OUT = -1  # the fold of pictures that are always trained on

Folds = NDArray[np.int64]
"""[pictures], the fold of each."""


def stratified_folds(truth: LabelMatrix, folds: int, rng: Generator) -> Folds:
    """Assign folds with labels spread evenly; a label's only picture is never held out."""
    uses = truth.sum(0)
    rarest = np.where(truth, uses, len(truth) + 1).argmin(1)  # each picture's rarest label
    fold_of = np.zeros(len(truth), np.int64)
    dealt = 0
    for label in np.argsort(uses, kind="stable"):
        pictures = rng.permutation(np.flatnonzero(rarest == label))
        fold_of[pictures] = (dealt + np.arange(len(pictures))) % folds
        dealt += len(pictures)
    fold_of[truth[:, uses == 1].any(1)] = NEVER_HELD_OUT
    return fold_of
