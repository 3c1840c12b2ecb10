"""A candidate classifier: features of a frozen backbone and a linear head."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator, default_rng
from threadpoolctl import threadpool_limits

from lensmith.domain.readable import Readable
from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Size, place, rendered
from lensmith.inference.resample import resampler_here
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.cross_validation import (
    ValidationScore,
    cross_validate,
    select_one_standard_error,
)
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe, fit_head
from lensmith.training.classifier.network import FeatureExtractor, LinearClassifier, unit_features
from lensmith.training.classifier.recipe import ClassifierRecipe
from lensmith.training.data.arrays import Floats
from lensmith.training.data.augment import Jitter, random_crop, recoloured
from lensmith.training.data.pictures import load_picture
from lensmith.training.device import device_of

JITTER = Jitter(zoom=(1.0, 1.0), colour=0.2)
TRIAL_VIEWS = 3  # of each picture in cross-validation; the fit itself takes all
UNTRIED = HeadRecipe(HeadKind.REGRESSION, 100.0)  # if nothing can be held out
VALIDATION_SECONDS = 60.0  # for trying heads, whatever is left of the budget
SAMPLES = 4  # images on which the exported model is checked


@dataclass(frozen=True, slots=True)
class FrozenCandidate:
    """A backbone, its features of every view, and the scores of heads on them."""

    extractor: FeatureExtractor
    views: Floats  # [pictures, views, features]
    inputs: Pixels  # a few input frames, [k, h, w, 3]
    validations: list[
        ValidationScore
    ]  # of the heads that were tried; empty if nothing was held out
    heads: tuple[HeadRecipe, ...]

    @property
    def name(self) -> str:
        return self.extractor.name

    @property
    def input_size(self) -> Size:
        return self.extractor.input_size

    @property
    def views_a_picture(self) -> int:
        return int(self.views.shape[1])

    @property
    def head(self) -> HeadRecipe:
        return (
            self.heads[select_one_standard_error(self.validations)] if self.validations else UNTRIED
        )

    @property
    def validation(self) -> ValidationScore | None:
        """Of the chosen head."""
        return (
            self.validations[select_one_standard_error(self.validations)]
            if self.validations
            else None
        )

    def classifier(self, data: LabelledPictures, further: float = 1.0) -> LinearClassifier:
        """Fit the chosen head on all pictures and calibrate it; on the CPU.

        `further` is one more temperature by which the calibrated logits are divided.
        """
        temperature = further * (self.validation.temperature if self.validation else 1.0)
        with threadpool_limits(1, "blas"):
            head = fit_head(self.views, data.truth, self.head, exclusive=data.exclusive)
        classifier = LinearClassifier(
            self.extractor, head.cooled(temperature), exclusive=data.exclusive
        )
        return classifier.cpu()


def frozen_preprocessing(*, exclusive: bool) -> Preprocessing:
    """Choose a centre crop for exclusive labels, the whole picture if several labels may apply."""
    if exclusive:
        return Preprocessing(Resize.CROP, crop=0.875, resampler=resampler_here())
    return Preprocessing(Resize.STRETCH, resampler=resampler_here())


def extract_features(
    extractor: FeatureExtractor,
    data: LabelledPictures,
    recipe: ClassifierRecipe,
    budget: TimeBudget,
    advance: Callable[[], None],
) -> FrozenCandidate:
    """Extract features of all pictures and validate every head on them.

    Calls `advance` after each picture. Thousands of pictures or hundreds of labels can make heads
    slower than features: once the budget is used up, the more flexible heads are skipped.
    """
    rng = default_rng(data.seed)
    views: list[Floats] = []
    inputs: list[Pixels] = []
    preprocessing = frozen_preprocessing(exclusive=data.exclusive)
    for example in data.examples:
        pictures = _views(example.image, extractor.input_size, preprocessing, recipe.views, rng)
        views.append(_features(extractor, pictures))
        inputs += [pictures[0]] if len(inputs) < SAMPLES else []
        advance()
    features = np.stack(views)
    with threadpool_limits(1, "blas"):
        validations = cross_validate(
            features[:, :TRIAL_VIEWS],
            data.truth,
            recipe.heads,
            data.fold_of,
            exclusive=data.exclusive,
            until=time.monotonic() + max(budget.left, VALIDATION_SECONDS),
        )
    return FrozenCandidate(
        extractor,
        features,
        np.stack(inputs),
        validations,
        recipe.heads,
    )


def _views(
    path: Readable, input_size: Size, preprocessing: Preprocessing, views: int, rng: Generator
) -> Pixels:
    """Cut views [views, h, w, 3]: preprocessed as in serving, then random crops."""
    picture = load_picture(path, working_side=round(max(input_size) * 1.5))
    size = picture.shape[1], picture.shape[0]
    placements = [place(size, input_size, preprocessing)]
    placements += [random_crop(size, input_size, rng) for _ in range(views - 1)]
    inputs = [rendered(picture, placement, input_size, preprocessing) for placement in placements]
    for index in range(1, len(inputs)):
        inputs[index] = recoloured(inputs[index][:, :: rng.choice([-1, 1])], JITTER, rng)
    return np.stack(inputs)


@torch.no_grad()
def _features(extractor: FeatureExtractor, inputs: Pixels) -> Floats:
    images = torch.from_numpy(inputs).to(device_of(extractor))
    features: Floats = unit_features(extractor, images).double().cpu().numpy()
    return features
