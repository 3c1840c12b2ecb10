"""Baseline: the nearest class mean of one frozen Lite0's features, each picture once."""

from __future__ import annotations

from scipy.special import expit, softmax

from bench.classification.frames import use_threads
from bench.classification.frozen import features_of
from bench.classification.lesson import Learnt, Lesson, Scores, Stopwatch
from bench.classification.lite0 import load_lite0
from bench.classification.sets import Truth, truth_of


def learn_nearest_mean(lesson: Lesson) -> Learnt:
    """Score by the distance to a label's mean; with several labels against that of the others."""
    use_threads(lesson.threads)
    watch = Stopwatch()
    backbone = load_lite0()
    features = features_of(backbone, [one.image for one in lesson.training], lesson.exclusive)
    truth = truth_of(lesson.training, len(lesson.labels))
    means = _means(features, truth)
    others = None if lesson.exclusive else _means(features, ~truth)

    def scores() -> Scores:
        tested = features_of(backbone, lesson.testing, lesson.exclusive)
        return nearest_scores(tested, means, others)

    return watch.learnt(scores)


def _means(features: Scores, truth: Truth) -> Scores:
    """Average the features of each label's pictures, [labels, features]."""
    counts = truth.sum(0).clip(min=1)[:, None]
    means: Scores = truth.T @ features / counts
    return means


def nearest_scores(features: Scores, means: Scores, others: Scores | None) -> Scores:
    """Compute scores in 0..1: softmax, or sigmoids, of the squared distances."""
    away = _distances(features, means)
    near = softmax(-away, axis=1) if others is None else expit(_distances(features, others) - away)
    scores: Scores = near
    return scores


def _distances(features: Scores, means: Scores) -> Scores:
    squared: Scores = ((features[:, None] - means[None]) ** 2).sum(2)
    return squared
