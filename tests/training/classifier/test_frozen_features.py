from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_features import extract_features
from lensmith.training.classifier.recipe import classifier_recipe
from lensmith.training.data.example import Example


class Ends:
    """Features: how much of a frame is red, and how much is blue."""

    name, features, input_size = "ends", 2, (64, 64)

    def __call__(self, images: Tensor) -> Tensor:
        red, green, blue = images.float().unbind(3)
        return torch.stack([(red > green + 60), (blue > green + 60)], 1).float().mean((2, 3))

    def parameters(self) -> Iterator[nn.Parameter]:
        yield nn.Parameter(torch.zeros(1))


def views_of(folder: Path, labels: list[tuple[int, ...]]) -> np.ndarray:
    """Extract features of a wide picture whose ends are red and blue: [pictures, views, 2]."""
    pixels = np.full((100, 400, 3), 128, np.uint8)
    pixels[:, :80] = 220, 20, 20
    pixels[:, -80:] = 20, 20, 220
    Image.fromarray(pixels).save(folder / "wide.png")
    examples = [Example(folder / "wide.png", given) for given in labels]
    data = LabelledPictures.of(examples, 2, folds=2, seed=0)
    recipe = classifier_recipe(examples)
    return extract_features(Ends(), data, recipe, TimeBudget(60.0, 0.0), lambda: None).views


def test_views_show_both_ends_where_labels_may_lie_anywhere(tmp_path: Path) -> None:
    seen = views_of(tmp_path, [(0, 1), (0,), (1,), (0, 1)])
    assert seen.shape == (4, 8, 2)
    assert (seen > 0.2).all()  # of length 1


def test_views_are_crops_where_labels_exclude_each_other(tmp_path: Path) -> None:
    seen = views_of(tmp_path, [(0,), (0,), (1,), (1,)])
    assert (seen.min(2) == 0).any()
