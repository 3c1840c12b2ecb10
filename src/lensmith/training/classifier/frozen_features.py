"""A candidate classifier: features of a network that does not learn, and a linear head."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator, default_rng
from threadpoolctl import threadpool_limits

from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import Size, place, render
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.cross_validation import Judgement, cross_validate, preferred
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe, fit_head
from lensmith.training.classifier.network import FeatureExtractor, LinearClassifier, unit_features
from lensmith.training.classifier.recipe import ClassifierRecipe
from lensmith.training.data.arrays import Floats
from lensmith.training.data.augment import Jitter, random_crop, recoloured
from lensmith.training.data.pictures import load_picture
from lensmith.training.device import compute_device

JITTER = Jitter(zoom=(1.0, 1.0), colour=0.2)
TRIAL_VIEWS = 3  # of each picture in cross-validation; the fit itself takes all
UNTRIED = HeadRecipe(HeadKind.REGRESSION, 100.0)  # where nothing can be held out
JUDGING_SECONDS = 60.0  # that heads may be tried for, whatever is left of the budget
SAMPLES = 4  # frames on which the exported model is checked


@dataclass(frozen=True, slots=True)
class FrozenCandidate:
    """A backbone, its features of every view, and how heads did on them."""

    extractor: FeatureExtractor
    views: Floats  # [pictures, views, features]
    frames: Pixels  # a few input frames, [k, h, w, 3]
    judgements: list[Judgement]  # of the heads that were tried; none when nothing was held out
    heads: tuple[HeadRecipe, ...]

    @property
    def head(self) -> HeadRecipe:
        return self.heads[preferred(self.judgements)] if self.judgements else UNTRIED

    @property
    def judgement(self) -> Judgement | None:
        """Of the chosen head."""
        return self.judgements[preferred(self.judgements)] if self.judgements else None

    def classifier(self, data: LabelledPictures) -> LinearClassifier:
        """The chosen head, fitted on every picture and calibrated; on the processor."""
        temperature = self.judgement.temperature if self.judgement else 1.0
        with threadpool_limits(1, "blas"):
            head = fit_head(self.views, data.truth, self.head, exclusive=data.exclusive)
        classifier = LinearClassifier(
            self.extractor, head.cooled(temperature), exclusive=data.exclusive
        )
        return classifier.cpu()


def frozen_preprocessing(*, exclusive: bool) -> Preprocessing:
    """One label speaks of the middle of a picture; several may speak of its corners."""
    if exclusive:
        return Preprocessing(Resize.CROP, crop=0.875)
    return Preprocessing(Resize.STRETCH)


def look_at(
    extractor: FeatureExtractor,
    data: LabelledPictures,
    recipe: ClassifierRecipe,
    budget: TimeBudget,
    advance: Callable[[], None],
) -> FrozenCandidate:
    """Features of all pictures, and every head judged on them; `advance` after each picture.

    Thousands of pictures or hundreds of labels can make heads slower than features: where the
    budget is used up, the more adaptable ones are not tried.
    """
    chance = default_rng(data.seed)
    views: list[Floats] = []
    frames: list[Pixels] = []
    preprocessing = frozen_preprocessing(exclusive=data.exclusive)
    for example in data.examples:
        pictures = _views(example.image, extractor.frame, preprocessing, recipe.views, chance)
        views.append(_features(extractor, pictures))
        frames += [pictures[0]] if len(frames) < SAMPLES else []
        advance()
    features = np.stack(views)
    with threadpool_limits(1, "blas"):
        judgements = cross_validate(
            features[:, :TRIAL_VIEWS],
            data.truth,
            recipe.heads,
            data.fold_of,
            exclusive=data.exclusive,
            until=time.monotonic() + max(budget.left, JUDGING_SECONDS),
        )
    return FrozenCandidate(
        extractor,
        features,
        np.stack(frames),
        judgements,
        recipe.heads,
    )


def _views(
    path: Path, frame: Size, preprocessing: Preprocessing, views: int, chance: Generator
) -> Pixels:
    """[views, h, w, 3]: the picture as serving will see it, then random ones."""
    picture = load_picture(path, working_side=round(max(frame) * 1.5))
    size = picture.shape[1], picture.shape[0]
    placements = [place(size, frame, preprocessing)]
    placements += [random_crop(size, frame, chance) for _ in range(views - 1)]
    frames = [render(picture, placement, frame, preprocessing.fill) for placement in placements]
    for index in range(1, len(frames)):
        frames[index] = recoloured(frames[index][:, :: chance.choice([-1, 1])], JITTER, chance)
    return np.stack(frames)


@torch.no_grad()
def _features(extractor: FeatureExtractor, frames: Pixels) -> Floats:
    images = torch.from_numpy(frames).to(compute_device())
    features: Floats = unit_features(extractor, images).double().cpu().numpy()
    return features
