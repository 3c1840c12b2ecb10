from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from scipy.special import softmax
from sklearn.metrics import log_loss
from torch import Tensor, nn

from lensmith.training.classifier.averaged_candidate import AveragedCandidate
from lensmith.training.classifier.cross_validation import cross_validate
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.classifier.network import unit_features
from lensmith.training.data.example import Example

SIDE, LABELS = 2, 3
HEADS = (HeadRecipe(HeadKind.PROTOTYPES), HeadRecipe(HeadKind.REGRESSION, 10.0))


class Projection(nn.Module):
    """Features that are a random projection of the pixels."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__()
        self.name, self.features, self.input_size = name, 16, (SIDE, SIDE)
        matrix = default_rng(seed).normal(size=(SIDE * SIDE * 3, self.features))
        self.matrix = nn.Parameter(torch.from_numpy(matrix).float())

    def forward(self, images: Tensor) -> Tensor:
        return (images.float().flatten(1) - 127) @ self.matrix


def frames(pictures: int, seed: int) -> np.ndarray:
    """Noisy pictures, each label with a look of its own."""
    looks = default_rng(0).uniform(60, 200, (LABELS, SIDE, SIDE, 3))
    noise = default_rng(seed).normal(0, 40, (pictures, SIDE, SIDE, 3))
    return (looks[np.arange(pictures) % LABELS] + noise).clip(0, 255).astype(np.uint8)


def labelled(pictures: int, folds: int) -> LabelledPictures:
    examples = [Example(Path("a.png"), (number % LABELS,)) for number in range(pictures)]
    return LabelledPictures.of(examples, LABELS, folds, seed=0)


def frozen(extractor: Projection, data: LabelledPictures) -> FrozenCandidate:
    pictures = frames(len(data.examples), seed=1)
    views = unit_features(extractor, torch.from_numpy(pictures)).double().detach().numpy()[:, None]
    validations = cross_validate(views, data.truth, HEADS, data.fold_of, exclusive=True)
    return FrozenCandidate(extractor, views, pictures[:2], validations, HEADS)


def averaged(data: LabelledPictures) -> AveragedCandidate:
    return AveragedCandidate.of(
        [frozen(Projection("one", 1), data), frozen(Projection("two", 2), data)], data
    )


def test_the_mean_of_the_calibrated_logits_is_exported() -> None:
    data = labelled(60, folds=4)
    candidate = averaged(data)
    assert candidate.validation is not None
    fresh = torch.from_numpy(frames(90, seed=2))
    parts = [part.classifier(data).logits(fresh).detach().numpy() for part in candidate.parts]
    expected = softmax(np.mean(parts, axis=0) / candidate.validation.temperature, axis=1)
    given = candidate.classifier(data)(fresh).detach().numpy()
    np.testing.assert_allclose(given, expected, atol=1e-5)
    assert (candidate.name, candidate.views_a_picture) == ("one+two", 1)


def test_the_average_is_ahead_of_each_on_new_pictures() -> None:
    data = labelled(60, folds=4)
    candidate = averaged(data)
    truth = np.arange(900) % LABELS
    fresh = torch.from_numpy(frames(900, seed=3))
    together = log_loss(truth, candidate.classifier(data)(fresh).detach().numpy())
    alone = [
        log_loss(truth, part.classifier(data)(fresh).detach().numpy()) for part in candidate.parts
    ]
    assert together < min(alone)
    assert candidate.validation is not None
    assert candidate.validation.log_loss == pytest.approx(together, abs=0.1)


def test_without_held_out_pictures_there_is_no_score() -> None:
    data = labelled(LABELS, folds=4)
    candidate = averaged(data)
    assert candidate.validation is None
    assert candidate.classifier(data)(torch.from_numpy(candidate.inputs)).shape == (2, LABELS)
