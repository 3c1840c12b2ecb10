"""Training set of a classifier: pictures, label matrix, folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray

from lensmith.training.data.arrays import LabelMatrix
from lensmith.training.data.example import Example, scenes_of
from lensmith.training.data.folds import NEVER_HELD_OUT, Folds, stratified_folds


@dataclass(frozen=True, slots=True)
class LabelledPictures:
    examples: Sequence[Example]
    truth: LabelMatrix  # [pictures, labels]
    fold_of: Folds  # [pictures]
    exclusive: bool  # every picture carries exactly one label: softmax, otherwise sigmoids
    seed: int

    @classmethod
    def of(
        cls, examples: Sequence[Example], labels: int, folds: int, seed: int
    ) -> LabelledPictures:
        truth = np.zeros((len(examples), labels), np.bool_)
        for row, example in zip(truth, examples, strict=True):
            row[list(example.labels)] = True
        return cls(
            examples,
            truth,
            stratified_folds(truth, folds, default_rng(seed), scenes_of(examples)),
            bool((truth.sum(1) == 1).all()),
            seed,
        )

    def only(self, pictures: NDArray[np.intp]) -> LabelledPictures:
        """Return these pictures, in their folds."""
        return replace(
            self,
            examples=[self.examples[picture] for picture in pictures],
            truth=self.truth[pictures],
            fold_of=self.fold_of[pictures],
        )

    @property
    def a_label(self) -> float:
        """Mean number of pictures a label, over the labels that have any."""
        used = self.truth.any(0).sum()
        return float(self.truth.sum() / max(used, 1))

    @property
    def first_fold(self) -> NDArray[np.intp]:
        """Pictures of the first fold, on which fine-tuning is always validated."""
        return np.flatnonzero(self.fold_of == 0)

    @property
    def folds(self) -> list[int]:
        """Folds that hold anything out."""
        return [int(fold) for fold in np.unique(self.fold_of) if fold != NEVER_HELD_OUT]

    def held_out_in(self, folds: Sequence[int]) -> NDArray[np.bool_]:
        """Return the mask of the rows of a cross-validation that belong to these folds."""
        return np.isin(self.fold_of[self.fold_of != NEVER_HELD_OUT], folds)
