"""A candidate classifier: several frozen backbones, each with its own head, logits averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lensmith.inference.image import Pixels
from lensmith.training.classifier.cross_validation import ValidationScore, score
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.network import AveragedClassifier
from lensmith.training.data.folds import NEVER_HELD_OUT


@dataclass(frozen=True, slots=True)
class AveragedCandidate:
    """Averages backbones between which few pictures cannot choose; all take the same frame."""

    parts: tuple[FrozenCandidate, ...]
    validation: ValidationScore | None  # of the averaged logits; None if nothing was held out

    @classmethod
    def of(cls, parts: Sequence[FrozenCandidate], data: LabelledPictures) -> AveragedCandidate:
        """Average the cross-validated logits of each part's chosen head, and calibrate them."""
        validations = [part.validation for part in parts]
        scored = [one.logits / one.temperature for one in validations if one is not None]
        if len(scored) < len(parts):
            return cls(tuple(parts), None)
        truth = data.truth[data.fold_of != NEVER_HELD_OUT]
        validation = score(np.mean(scored, axis=0), truth, exclusive=data.exclusive)
        return cls(tuple(parts), validation)

    @property
    def name(self) -> str:
        return "+".join(part.name for part in self.parts)

    @property
    def input_size(self) -> tuple[int, int]:
        return self.parts[0].input_size

    @property
    def inputs(self) -> Pixels:
        return self.parts[0].inputs

    @property
    def views_a_picture(self) -> int:
        """Return the views of the backbone that has the fewest."""
        return min(part.views_a_picture for part in self.parts)

    def classifier(self, data: LabelledPictures) -> AveragedClassifier:
        """Fit each part's head on all pictures and calibrate the average; on the CPU."""
        temperature = self.validation.temperature if self.validation else 1.0
        classifiers = [part.classifier(data, temperature) for part in self.parts]
        return AveragedClassifier(classifiers, exclusive=data.exclusive)
