"""The baselines for classifiers share no code with what they are compared to."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from bench.classification.lite0 import load_lite0
from bench.classification.nearest import nearest_scores

from bench import classification
from lensmith.training.backbone import BackboneName, load_backbone

BASELINES = ("finetune", "frozen", "nearest", "frames", "lite0")


@pytest.mark.parametrize("module", BASELINES)
def test_a_baseline_imports_nothing_of_the_trainings(module: str) -> None:
    source = Path(classification.__file__).with_name(f"{module}.py").read_text()
    assert not re.search(r"^\s*(from|import) lensmith", source, re.MULTILINE)


@pytest.mark.parametrize("size", [(224, 224), (191, 225)])
def test_lite0_is_the_same_network(size: tuple[int, int]) -> None:
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = load_lite0()(images)
        expected = load_backbone(BackboneName.LITE0)(images)
    torch.testing.assert_close(features, expected, atol=1e-4, rtol=1e-3)


def test_nearest_means_score_the_nearest_label_highest() -> None:
    means = np.eye(3)
    scores = nearest_scores(np.array([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7]]), means, None)
    assert scores.argmax(1).tolist() == [0, 2]
    np.testing.assert_allclose(scores.sum(1), 1.0)
    several = nearest_scores(np.array([[0.9, 0.9, 0.0]]), means, np.zeros((3, 3)))
    assert (several[0] > 0.5).tolist() == [True, True, False]
