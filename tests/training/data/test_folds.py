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


@pytest.mark.parametrize("seed", range(3))
def test_pictures_of_a_scene_belong_to_one_fold(seed: int) -> None:
    truth = np.zeros((48, 2), bool)
    truth[:30, 0] = truth[30:, 1] = True
    scenes = [place // 3 for place in range(48)]  # 16 scenes of 3
    folds = stratified_folds(truth, 4, default_rng(seed), scenes)
    assert folds.tolist() == np.repeat(folds[::3], 3).tolist()
    assert [int((folds == fold).sum()) for fold in range(4)] == [12] * 4
    assert max(int((folds[30:] == fold).sum()) for fold in range(4)) <= 6


def test_scenes_of_one_picture_change_nothing() -> None:
    truth = default_rng(0).random((40, 5)) < 0.4
    alone = stratified_folds(truth, 4, default_rng(1), range(40))
    assert alone.tolist() == stratified_folds(truth, 4, default_rng(1)).tolist()
