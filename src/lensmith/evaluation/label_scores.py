"""All predictions of one label on the test set, with the picture of each."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.evaluation.boxes import Flags, Floats, Indices


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
