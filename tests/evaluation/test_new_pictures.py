"""F1 on new pictures against fresh pictures of the same kind."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from lensmith.evaluation.evaluation import evaluate_classifier
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.new_pictures import cross_fitted_f1, on_new_pictures


def drawn(seed: int, images: int, apart: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated confidences of one label, and its truth."""
    rng = np.random.default_rng(seed)
    truth = rng.random(images) < 0.5
    logit = rng.normal(np.where(truth, apart, -apart), 1.0) * 2 * apart
    return 1 / (1 + np.exp(-logit)), truth


def scores_of(confidence: np.ndarray, truth: np.ndarray) -> LabelScores:
    return LabelScores(confidence, truth, np.arange(len(truth)), np.flatnonzero(truth))


def test_the_estimate_is_nearer_to_fresh_pictures_than_the_same_pictures_are() -> None:
    same, crossed, fresh, inside = [], [], [], 0
    new_confidence, new_truth = drawn(99, 20_000)
    for seed in range(40):
        confidence, truth = drawn(seed, 30)
        evaluated = evaluate_classifier(["a"], confidence[:, None], truth[:, None])
        overall, _ = on_new_pictures([scores_of(confidence, truth)])
        assert overall is not None
        served = float(f1_score(new_truth, new_confidence >= evaluated.labels[0].threshold))
        same.append(evaluated.f1_score)
        crossed.append(overall.f1_score)
        fresh.append(served)
        inside += overall.low <= served <= overall.high
    assert abs(np.mean(crossed) - np.mean(fresh)) < abs(np.mean(same) - np.mean(fresh))
    assert inside >= 34  # 95 % of 40, less three standard deviations


def test_a_perfect_small_test_set_is_worth_less_than_a_large_one() -> None:
    def perfect(images: int) -> float:
        truth = np.arange(images) % 2 == 0
        overall, each = on_new_pictures([scores_of(np.where(truth, 0.98, 0.02), truth)])
        assert overall is not None
        assert each == (overall,)
        assert overall.f1_score == overall.high == pytest.approx(1.0)
        return overall.low

    assert 0.6 < perfect(12) < perfect(60) < perfect(5000) < 1.0


def test_labels_without_test_pictures_have_none() -> None:
    confidence, truth = drawn(0, 20)
    untested = LabelScores(confidence, np.zeros(20, np.bool_), np.arange(20), np.arange(0))
    overall, each = on_new_pictures([scores_of(confidence, truth), untested])
    assert overall is not None
    assert each[0] == overall
    assert each[1] is None
    assert on_new_pictures([untested]) == (None, (None,))
    assert on_new_pictures([scores_of(confidence[:1], truth[:1])]) == (None, (None,))


def test_missed_boxes_count() -> None:
    found = LabelScores(np.full(8, 0.9), np.ones(8, np.bool_), np.arange(8), np.arange(8))
    half = LabelScores(np.full(8, 0.9), np.ones(8, np.bool_), np.arange(8), np.arange(16) % 8)
    all_found, _ = on_new_pictures([found])
    half_found, _ = on_new_pictures([half])
    assert all_found is not None
    assert half_found is not None
    assert half_found.f1_score == pytest.approx(2 / 3)
    assert half_found.high < all_found.f1_score


def test_many_divisions_tell_models_apart_better_than_one() -> None:
    """Models whose scores differ by a little noise alone are as good as each other."""
    by_one, by_many = [], []
    for seed in range(12):
        confidence, truth = drawn(seed, 40)
        noise = np.random.default_rng(seed + 100).normal(0, 0.02, 40)
        pair = [scores_of(each.clip(0, 1), truth) for each in (confidence, confidence + noise)]
        single = [on_new_pictures([each])[0] for each in pair]
        assert single[0] is not None
        assert single[1] is not None
        by_one.append(single[0].f1_score - single[1].f1_score)
        many = [cross_fitted_f1([each]) for each in pair]
        assert many[0] is not None
        assert many[1] is not None
        by_many.append(many[0] - many[1])
    assert np.std(by_many) < np.std(by_one)


def test_one_picture_cannot_choose_and_judge() -> None:
    confidence, truth = np.array([0.9]), np.array([True])
    assert cross_fitted_f1([scores_of(confidence, truth)]) is None
    assert cross_fitted_f1([]) is None


def test_copies_of_test_pictures_promise_nothing_more() -> None:
    """Films of the test pictures leave the estimate and its interval about as they were."""
    once, grouped, apart = [], [], []
    scenes = np.repeat(np.arange(30), 6).tolist()
    for seed in range(8):
        confidence, truth = drawn(seed, 30, apart=0.8)
        frames = [scores_of(np.repeat(confidence, 6), np.repeat(truth, 6))]
        once.append(on_new_pictures([scores_of(confidence, truth)])[0])
        grouped.append(on_new_pictures(frames, scenes)[0])
        apart.append(on_new_pictures(frames)[0])
    f1, f1_grouped, f1_apart = (
        np.mean([one.f1_score for one in each if one is not None])
        for each in (once, grouped, apart)
    )
    assert abs(f1_grouped - f1) < abs(f1_apart - f1)
    width, width_grouped, width_apart = (
        np.mean([one.high - one.low for one in each if one is not None])
        for each in (once, grouped, apart)
    )
    assert abs(width_grouped - width) < abs(width_apart - width)


def test_one_scene_cannot_choose_and_judge() -> None:
    confidence, truth = drawn(0, 20)
    assert on_new_pictures([scores_of(confidence, truth)], [3] * 20) == (None, (None,))
    assert cross_fitted_f1([scores_of(confidence, truth)], [3] * 20) is None


def test_pictures_of_their_own_scenes_change_nothing() -> None:
    scores = [scores_of(*drawn(3, 40))]
    assert on_new_pictures(scores, list(range(70, 110))) == on_new_pictures(scores)
