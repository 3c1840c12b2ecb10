"""All predictions of one label on the test set, with the picture of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lensmith.evaluation.boxes import Boxes, Flags, Floats, Indices
from lensmith.evaluation.matching import Matching


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Images, or boxes of a detector."""

    confidence: Floats  # [n] 0..1
    correct: Flags  # [n] in the ground truth, for a box matched at IoU 0.5
    image: Indices  # [n] number of the test image
    truth_image: Indices  # [positives] number of the test image of each ground-truth label or box

    @property
    def positives(self) -> int:
        """Ground-truth images or boxes of the label."""
        return len(self.truth_image)


def classifier_scores(scores: Floats, truth: Flags) -> list[LabelScores]:
    """Split confidences and image-level labels, both [images, labels], by label."""
    every = np.arange(len(truth))
    return [
        LabelScores(scores[:, label], truth[:, label], every, np.flatnonzero(truth[:, label]))
        for label in range(truth.shape[1])
    ]


def detector_scores(
    labels: int, predicted: Boxes, truth: Boxes, matching: Matching
) -> list[LabelScores]:
    """Split matched boxes by label; `matching` is that of `predicted` and `truth`."""
    each = []
    for label in range(labels):
        mine, wanted = predicted.label == label, truth.label == label
        each.append(
            LabelScores(
                predicted.confidence[mine],
                matching.correct[mine],
                predicted.image[mine],
                truth.image[wanted],
            )
        )
    return each
