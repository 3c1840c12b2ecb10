"""How often people agree with a model, by label: an estimate of its precision in use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lensmith.manifest.labelling.verified import PredictedImage, VerifiedAnswer, match_boxes

_Z = 1.96  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    label: str
    predicted: int  # by the model, in reviewed pictures
    kept: int  # of those, right; a moved box counts from an IoU of 0.5 on
    added: int  # by a person, where the model had none
    low: float | None  # 95 % interval of kept / predicted (Wilson 1927)
    high: float | None


def agreement(
    reviewed: Iterable[tuple[PredictedImage, VerifiedAnswer | None]],
) -> list[LabelAgreement]:
    """Count over reviewed pictures; None is a rejected picture, whose predictions are all wrong."""
    predicted: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for image, answer in reviewed:
        given = answer or VerifiedAnswer()
        names = [each.name for each in image.image_labels]
        predicted.update(names)
        predicted.update(box.label for box in image.boxes)
        kept.update(set(names) & set(given.image_labels))
        added.update(set(given.image_labels) - set(names))
        matched = match_boxes(image.boxes, given.boxes)
        for place, box in enumerate(given.boxes):
            (kept if place in matched else added).update([box.label])
    return [
        LabelAgreement(label, total, kept[label], added[label], *_wilson(kept[label], total))
        for label in sorted(predicted.keys() | added)
        for total in [predicted[label]]
    ]


def _wilson(kept: int, total: int) -> tuple[float, float] | tuple[None, None]:
    """Return the Wilson score interval of a proportion; None without observations."""
    if not total:
        return None, None
    p, square = kept / total, _Z**2 / total
    centre = (p + square / 2) / (1 + square)
    reach = _Z * math.sqrt(p * (1 - p) / total + square / (4 * total)) / (1 + square)
    return max(0.0, centre - reach), min(1.0, centre + reach)
