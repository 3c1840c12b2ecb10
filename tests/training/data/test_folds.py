from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from lensmith.training.data.folds import NEVER_HELD_OUT, stratified_folds


@pytest.mark.parametrize("seed", range(3))
def test_folds_spread_labels_and_keep_single_pictures(seed: int) -> None:
    truth = np.zeros((25, 3), bool)
    truth[:16, 0] = truth[16:24, 1] = truth[24:, 2] = True
    folds = stratified_folds(truth, 4, default_rng(seed))
    assert [int((folds[:16] == fold).sum()) for fold in range(4)] == [4] * 4
    assert [int((folds[16:24] == fold).sum()) for fold in range(4)] == [2] * 4
    assert folds[24] == NEVER_HELD_OUT
