"""Training a classifier: frozen features, a linear head, one graph."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from torch import Tensor, nn
from torch.nn import functional

from lensmith.domain.job import Progress
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import place, render
from lensmith.training.augment import Jitter, random_crop, recoloured
from lensmith.training.backbone import (
    BackboneName,
    EfficientNetLite,
    fold_norms,
    load_backbone,
    normalised,
)
from lensmith.training.example import Example
from lensmith.training.export import export_model, versions
from lensmith.training.linear_head import Floats, LinearHead, Trial, Truth, fit_head, try_strengths
from lensmith.training.pictures import load_picture, use_threads
from lensmith.training.recipe import ClassifierRecipe, classifier_frame, classifier_recipe
from lensmith.training.settings import TrainingSettings

Report = Callable[[Progress], None]

JITTER = Jitter(zoom=(1.0, 1.0), colour=0.2)
TRIAL_VIEWS = 3  # of each picture in cross-validation; the fit itself takes all
DEFAULT_STRENGTH = 100.0  # where nothing can be held out
SAMPLES = 4  # frames on which the exported model is checked


class Classifier(nn.Module):
    """Backbone and head in one graph."""

    def __init__(self, backbone: EfficientNetLite, head: LinearHead, *, exclusive: bool) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(*head.weights.T.shape)
        self.head.load_state_dict(
            {"weight": torch.from_numpy(head.weights), "bias": torch.from_numpy(head.bias)}
        )
        self.exclusive = exclusive

    def forward(self, images: Tensor) -> Tensor:
        """uint8 [n, h, w, 3] to probabilities [n, labels]."""
        logits: Tensor = self.head(image_features(self.backbone, images))
        return logits.softmax(1) if self.exclusive else logits.sigmoid()


def image_features(backbone: EfficientNetLite, images: Tensor) -> Tensor:
    """uint8 [n, h, w, 3] to features [n, 1280] of length 1."""
    return functional.normalize(backbone(normalised(images)))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backbone, its features of every view, and how strengths did on them."""

    name: BackboneName
    backbone: EfficientNetLite
    views: Floats  # [pictures, views, features]
    frames: Pixels  # a few input frames, [k, h, w, 3]
    trials: list[Trial]

    @property
    def best(self) -> Trial:
        uncertain = Trial(DEFAULT_STRENGTH, 1.0, float("inf"), 0.0)
        return min(self.trials, key=lambda trial: trial.log_loss, default=uncertain)


def train_classifier(
    examples: Sequence[Example],
    labels: Sequence[str],
    directory: Path,
    settings: TrainingSettings,
    report: Report,
) -> None:
    """Train on whole pictures and write the artefact; the same seed gives the same model.

    Every candidate backbone is judged by cross-validation on these examples alone. Thresholds
    are 0.5 until the evaluation sets them. Raises ExportError.
    """
    use_threads(settings.threads)
    recipe = classifier_recipe(examples)
    truth = _truth(examples, len(labels))
    counter = _Counter(len(examples) * len(recipe.candidates), report)
    candidates = [
        _candidate(name, examples, truth, recipe, settings.seed, counter)
        for name in recipe.candidates
    ]
    chosen = min(candidates, key=lambda candidate: candidate.best.log_loss)
    with threadpool_limits(1, "blas"):
        head = fit_head(
            chosen.views, truth, chosen.best.strength, exclusive=recipe.exclusive
        ).cooled(chosen.best.temperature)
    export_model(
        Classifier(chosen.backbone, head, exclusive=recipe.exclusive),
        ["scores"],
        Artefact(
            task=Task.CLASSIFICATION,
            labels=tuple(labels),
            thresholds=(0.5,) * len(labels),
            input_size=classifier_frame(chosen.name),
            preprocessing=_preprocessing(recipe),
            versions=versions(),
            report=_training_report(chosen, candidates, recipe, settings),
        ),
        directory,
        chosen.frames,
    )


def _truth(examples: Sequence[Example], labels: int) -> Truth:
    truth = np.zeros((len(examples), labels), np.bool_)
    for row, example in zip(truth, examples, strict=True):
        row[list(example.labels)] = True
    return truth


def _preprocessing(recipe: ClassifierRecipe) -> Preprocessing:
    """One label speaks of the middle of a picture; several may speak of its corners."""
    if recipe.exclusive:
        return Preprocessing(Resize.CROP, crop=0.875)
    return Preprocessing(Resize.STRETCH)


def _candidate(
    name: BackboneName,
    examples: Sequence[Example],
    truth: Truth,
    recipe: ClassifierRecipe,
    seed: int,
    counter: _Counter,
) -> Candidate:
    chance = default_rng(seed)
    backbone = load_backbone(name)
    fold_norms(backbone)
    views: list[Floats] = []
    frames: list[Pixels] = []
    for example in examples:
        pictures = _views(example.image, classifier_frame(name), recipe, chance)
        views.append(_features(backbone, pictures))
        frames += [pictures[0]] if len(frames) < SAMPLES else []
        counter.advance()
    features = np.stack(views)
    with threadpool_limits(1, "blas"):
        trials = try_strengths(
            features[:, :TRIAL_VIEWS],
            truth,
            recipe.strengths,
            recipe.folds,
            chance,
            exclusive=recipe.exclusive,
        )
    return Candidate(name, backbone, features, np.stack(frames), trials)


def _views(
    path: Path, frame: tuple[int, int], recipe: ClassifierRecipe, chance: Generator
) -> Pixels:
    """[views, h, w, 3]: the picture as serving will see it, then random ones."""
    picture = load_picture(path, working_side=round(max(frame) * 1.5))
    size = picture.shape[1], picture.shape[0]
    preprocessing = _preprocessing(recipe)
    placements = [place(size, frame, preprocessing)]
    placements += [random_crop(size, frame, chance) for _ in range(recipe.views - 1)]
    frames = [render(picture, placement, frame, preprocessing.fill) for placement in placements]
    for index in range(1, len(frames)):
        frames[index] = recoloured(frames[index][:, :: chance.choice([-1, 1])], JITTER, chance)
    return np.stack(frames)


@torch.no_grad()
def _features(backbone: EfficientNetLite, frames: Pixels) -> NDArray[np.float64]:
    return image_features(backbone, torch.from_numpy(frames)).double().numpy()


class _Counter:
    """Reports pictures looked at; the fit itself takes a moment only."""

    def __init__(self, steps: int, report: Report) -> None:
        self._steps, self._report = steps, report
        self._step, self._started = 0, time.monotonic()

    def advance(self) -> None:
        self._step += 1
        if self._step % 10 and self._step != self._steps:
            return
        left = (time.monotonic() - self._started) / self._step * (self._steps - self._step)
        self._report(Progress("training", self._step, self._steps, eta_seconds=left))


def _training_report(
    chosen: Candidate,
    candidates: Sequence[Candidate],
    recipe: ClassifierRecipe,
    settings: TrainingSettings,
) -> dict[str, Any]:
    """What was tried and why this one won."""
    return {
        "seed": settings.seed,
        "recipe": asdict(recipe),
        "chosen": {"backbone": chosen.name} | asdict(chosen.best),
        "reason": "lowest cross-validated log loss on the training pictures",
        "score": "accuracy" if recipe.exclusive else "mean average precision",
        "tried": [
            {"backbone": candidate.name} | asdict(trial)
            for candidate in candidates
            for trial in candidate.trials
        ],
    }
