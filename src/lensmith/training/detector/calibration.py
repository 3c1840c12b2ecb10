"""Calibrates the confidences of a detector by Platt scaling (Platt, 1999)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from lensmith.evaluation.boxes import Flags, Floats

MIN_SLOPE = 0.1  # above 0, so that the order of the boxes stays
EXTREME = 1e-3  # distance from 0 and 1 beyond which a confidence counts no more than here

# Made-up boxes that were right just as often as they said: few real ones change little, and where
# all real ones are right, or none, there still is a best answer.
PRIOR_CONFIDENCES = np.linspace(0.05, 0.95, 10)
PRIOR_BOXES = 20.0


@dataclass(frozen=True, slots=True)
class BoxCalibration:
    """A logit times the slope plus the offset is the logit of the calibrated confidence."""

    slope: float = 1.0
    offset: float = 0.0


UNCALIBRATED = BoxCalibration()


def fit_box_calibration(confidence: Floats, correct: Flags) -> BoxCalibration:
    """Fit the scaling of least log loss; both [predictions], of pictures that were not learnt from.

    `confidence` is 0..1, `correct` whether a box matched at IoU 0.5. Without predictions nothing
    changes. The slope is never below 0.1.
    """
    logits = logit(np.append(confidence, PRIOR_CONFIDENCES).clip(EXTREME, 1 - EXTREME))
    truth = np.append(correct, PRIOR_CONFIDENCES)  # of the made-up boxes this fraction was right
    weight = np.ones(len(logits))
    weight[len(confidence) :] = PRIOR_BOXES / len(PRIOR_CONFIDENCES)
    found = minimize(
        _log_loss,
        (UNCALIBRATED.slope, UNCALIBRATED.offset),
        args=(logits, truth, weight / weight.sum()),
        jac=True,
        bounds=((MIN_SLOPE, None), (None, None)),
        method="L-BFGS-B",
        options={"ftol": 1e-14, "gtol": 1e-9},
    )
    return BoxCalibration(*map(float, found.x))


def _log_loss(
    scaling: Floats, logits: Floats, truth: Floats, weight: Floats
) -> tuple[float, Floats]:
    """Compute the mean log loss under a slope and an offset, and its gradient."""
    scaled = scaling[0] * logits + scaling[1]
    loss = weight @ (np.logaddexp(0.0, scaled) - truth * scaled)
    excess = weight * (expit(scaled) - truth)
    return float(loss), np.array([excess @ logits, excess.sum()])
