"""Baseline: one frozen Lite0, each picture once, cross-validated logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from threadpoolctl import threadpool_limits
from torch import nn
from torch.nn import functional

from bench.classification.frames import batches, use_threads
from bench.classification.lesson import Learnt, Lesson, Scores, Stopwatch
from bench.classification.lite0 import load_lite0
from bench.classification.sets import Truth, truth_of

STRENGTHS = (1.0, 10.0, 100.0, 1000.0, 10000.0)  # scikit-learn's C, for features of length 1
MAX_FOLDS = 5


def learn_frozen(lesson: Lesson) -> Learnt:
    use_threads(lesson.threads)
    watch = Stopwatch()
    backbone = load_lite0()
    features = features_of(backbone, [one.image for one in lesson.training], lesson.exclusive)
    truth = truth_of(lesson.training, len(lesson.labels))
    fit = _fit_one_of_all if lesson.exclusive else _fit_each
    with threadpool_limits(1, "blas"):
        score = fit(features, truth)
    return watch.learnt(lambda: score(features_of(backbone, lesson.testing, lesson.exclusive)))


@torch.no_grad()
def features_of(backbone: nn.Module, paths: Sequence[Path], exclusive: bool) -> Scores:
    """Features of length 1, [pictures, 1280]."""
    parts = [backbone(frames) for frames in batches(paths, exclusive)]
    features: Scores = functional.normalize(torch.cat(parts)).double().numpy()
    return features


def _fit_one_of_all(features: Scores, truth: Truth) -> Callable[[Scores], Scores]:
    model = _regression(features, truth.argmax(1))

    def score(tested: Scores) -> Scores:
        scores = np.zeros((len(tested), truth.shape[1]))
        scores[:, model.classes_] = model.predict_proba(tested)
        return scores

    return score


def _fit_each(features: Scores, truth: Truth) -> Callable[[Scores], Scores]:
    """One against the rest; a label that all pictures have, or none, scores 1 or 0 on all."""
    varied = np.flatnonzero(truth.any(0) & ~truth.all(0))
    models = {label: _regression(features, truth[:, label]) for label in varied}

    def score(tested: Scores) -> Scores:
        scores = np.tile(truth.all(0).astype(float), (len(tested), 1))
        for label, model in models.items():
            scores[:, label] = model.predict_proba(tested)[:, 1]
        return scores

    return score


def _regression(
    features: Scores, targets: NDArray[np.generic]
) -> LogisticRegression | LogisticRegressionCV:
    rarest = int(np.unique(targets, return_counts=True)[1].min())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if rarest < 2:  # nothing to hold out
            return LogisticRegression(C=STRENGTHS[2], max_iter=1000).fit(features, targets)
        return LogisticRegressionCV(
            Cs=STRENGTHS,
            cv=min(rarest, MAX_FOLDS),
            l1_ratios=(0.0,),
            scoring="neg_log_loss",
            use_legacy_attributes=False,
            max_iter=1000,
        ).fit(features, targets)
