"""Tries a frozen backbone at a larger input size: labels can be small parts of the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lensmith.domain.job import OnProgress
from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.backbone_speed import MeasuredBackbone
from lensmith.training.classifier.cross_validation import (
    ValidationScore,
    cross_validate,
    is_ahead,
)
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import GOOD_ENOUGH
from lensmith.training.classifier.frozen_candidates import FROZEN_FRACTION, FeatureCounter, best_of
from lensmith.training.classifier.frozen_features import (
    TRIAL_VIEWS,
    FrozenCandidate,
    extract_features,
)
from lensmith.training.classifier.linear_head import HeadRecipe
from lensmith.training.classifier.network import LiteFeatures, PeakFeatures
from lensmith.training.classifier.recipe import ClassifierRecipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.data.input_size import usual_side
from lensmith.training.data.pictures import picture_size

LARGER_SIDE = 448  # pixels
MIN_PICTURE_SIDE = 314.0  # pixels, root of the area; smaller pictures hold no more at that size
SAMPLE = 200  # pictures that show whether a larger input is worth looking at all of them
SAMPLE_A_LABEL = 4  # of them at least: with fewer the heads of both know too little


@dataclass(frozen=True, slots=True)
class _Rival:
    """The head on native features that has the lowest log loss."""

    candidate: FrozenCandidate
    head: HeadRecipe
    validation: ValidationScore

    @classmethod
    def of(cls, natives: Sequence[FrozenCandidate]) -> _Rival | None:
        """Select among the heads of all candidates; None where nothing was held out."""
        rivals = [
            cls(one, head, validation)
            for one in natives
            for head, validation in zip(one.heads, one.validations, strict=False)
        ]
        return min(rivals, key=lambda rival: rival.validation.log_loss, default=None)

    def on(self, sample: NDArray[np.intp], data: LabelledPictures) -> ValidationScore | None:
        """Validate the head on a sample, fitted on the sample alone."""
        with threadpool_limits(1, "blas"):
            validations = cross_validate(
                self.candidate.views[sample, :TRIAL_VIEWS],
                data.truth[sample],
                [self.head],
                data.fold_of[sample],
                exclusive=data.exclusive,
            )
        return validations[0] if validations else None


@dataclass(frozen=True, slots=True)
class LargerInput:
    """A backbone at a larger input size, with the seconds of a forward pass a picture."""

    extractor: PeakFeatures
    seconds: float
    sample: int = SAMPLE  # pictures, looked at first

    def candidate(
        self,
        data: LabelledPictures,
        recipe: ClassifierRecipe,
        natives: Sequence[FrozenCandidate],
        budget: TimeBudget,
        trial_log: ClassifierReport,
        on_progress: OnProgress,
        reserved: float = 0.0,
    ) -> FrozenCandidate | None:
        """Extract features and validate heads; None unless they are ahead of all native ones.

        Ahead is a log loss that is lower on the same pictures by more than the standard error of
        the difference, at first on a sample of them. Only plain views are learnt from: a crop that
        cuts a small part off would keep its label. `reserved` seconds are left to what follows.
        """
        rival, best = _Rival.of(natives), best_of(natives).validation
        if rival is None or best is None or best.metric >= GOOD_ENOUGH:
            return None
        sample = _drawn(data, max(self.sample, SAMPLE_A_LABEL * data.truth.shape[1]))
        others = len(data.examples) if len(sample) < len(data.examples) else 0
        if not self._has_time(len(sample) + others, budget.left - reserved, trial_log):
            return None
        tried = self._tried(data.only(sample), recipe, budget, on_progress)
        if others and is_ahead(tried.validation, rival.on(sample, data)):
            if not self._has_time(others, budget.left - reserved, trial_log):
                return None
            tried = self._tried(data, recipe, budget, on_progress)
        trial_log.add_frozen(tried)
        is_whole = len(tried.views) == len(data.examples)
        return tried if is_whole and is_ahead(tried.validation, rival.validation) else None

    def _has_time(self, pictures: int, left: float, trial_log: ClassifierReport) -> bool:
        """Return whether a number of pictures fits into the time left; log it where not."""
        if self.seconds * pictures <= FROZEN_FRACTION * left:
            return True
        side = self.extractor.input_size[0]
        trial_log.leave_out(Skipped(SkipReason.LARGER_INPUT, self.extractor.name, number=side))
        return False

    def _tried(
        self,
        data: LabelledPictures,
        recipe: ClassifierRecipe,
        budget: TimeBudget,
        on_progress: OnProgress,
    ) -> FrozenCandidate:
        counter = FeatureCounter(len(data.examples), on_progress)
        plain = replace(recipe, views=1)
        return extract_features(self.extractor, data, plain, budget, counter.advance)


def larger_input(
    data: LabelledPictures,
    backbone: MeasuredBackbone,
    min_picture_side: float = MIN_PICTURE_SIDE,
) -> LargerInput | None:
    """Return the larger input that is worth trying; None if the pictures are too small for it."""
    lite = backbone.extractor
    sizes = [picture_size(example.image) for example in data.only(_drawn(data, SAMPLE)).examples]
    if not isinstance(lite, LiteFeatures) or usual_side(sizes) < min_picture_side:
        return None
    extractor = PeakFeatures(lite, LARGER_SIDE)
    return LargerInput(extractor, backbone.seconds * (LARGER_SIDE / lite.input_size[0]) ** 2)


def _drawn(data: LabelledPictures, count: int) -> NDArray[np.intp]:
    """Draw up to `count` pictures, in their order."""
    return np.sort(default_rng(data.seed).permutation(len(data.examples))[:count])
