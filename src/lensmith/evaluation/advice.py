"""Warnings and advice from an evaluation and a training: codes and numbers, no sentences.

The API sends them, and console and CLI make the sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lensmith.domain.training_report import EndReason, SkipReason, TrainingReport
from lensmith.evaluation.report import EvaluationReport, LabelReport

WEAK_F1 = 0.5
MIN_TEST_IMAGES = 5  # of a label, for its figures to mean something
ENOUGH_TEST_IMAGES = 10
_MIN_MISTAKES = 2  # of a kind, to be worth an advice
_MIN_MISSED_FRACTION = 0.25
_MAX_MISTAKE_ADVICE = 5
_MAX_FEW_ADVICE = 3
_OUT_OF_TIME = frozenset({SkipReason.TIME, SkipReason.HEADS, SkipReason.LARGER_INPUT})


class AdviceCode(StrEnum):
    """Names a finding; the comment says what the numbers of `Advice` are."""

    WEAK_MODEL = "weak-model"  # value: F1
    CUT_SHORT = "cut-short"  # value: seconds of the budget
    FEW_TEST_IMAGES = "few-test-images"  # of label; count: test images
    CONFUSED = "confused"  # label with other; count of total mistakes on its images test images
    MISSED = "missed"  # of label; count of total
    FALSE_ALARMS = "false-alarms"  # of label; count where nothing is
    MORE_TEST_IMAGES = "more-test-images"  # of label; count: test images


WARNINGS = frozenset({AdviceCode.WEAK_MODEL, AdviceCode.CUT_SHORT, AdviceCode.FEW_TEST_IMAGES})


@dataclass(frozen=True, slots=True)
class Advice:
    code: AdviceCode
    is_warning: bool
    label: str | None = None
    other: str | None = None
    count: float | None = None
    total: float | None = None
    images: int | None = None
    value: float | None = None


def advise(report: EvaluationReport, training: TrainingReport | None = None) -> list[Advice]:
    """List warnings first, then advice, the most frequent mistake first."""
    found = [*_of_model(report, training), *_few(report), *_mistakes(report), *_more(report)]
    return sorted(found, key=lambda each: not each.is_warning)


def _of_model(report: EvaluationReport, training: TrainingReport | None) -> Iterator[Advice]:
    if report.f1_score < WEAK_F1:
        yield _advice(AdviceCode.WEAK_MODEL, value=round(report.f1_score, 3))
    if training is not None and _is_cut_short(training):
        yield _advice(AdviceCode.CUT_SHORT, value=training.budget_seconds)


def _is_cut_short(training: TrainingReport) -> bool:
    if training.detector is not None and training.detector.ending is EndReason.OUT_OF_TIME:
        return True
    skipped = list(training.skipped)
    if training.choice is not None:
        skipped += filter(None, (training.choice.fine_tuning, training.choice.continuation))
    return any(each.reason in _OUT_OF_TIME for each in skipped)


def _few(report: EvaluationReport) -> Iterator[Advice]:
    for each in _by_test_images(report):
        if each.test_images < MIN_TEST_IMAGES:
            yield _advice(AdviceCode.FEW_TEST_IMAGES, each.label, count=each.test_images)


def _more(report: EvaluationReport) -> list[Advice]:
    found = [
        _advice(AdviceCode.MORE_TEST_IMAGES, each.label, count=each.test_images)
        for each in _by_test_images(report)
        if MIN_TEST_IMAGES <= each.test_images < ENOUGH_TEST_IMAGES
    ]
    return found[:_MAX_FEW_ADVICE]


def _by_test_images(report: EvaluationReport) -> list[LabelReport]:
    return sorted(report.labels, key=lambda each: each.test_images)


def _mistakes(report: EvaluationReport) -> list[Advice]:
    found = [*_confused(report), *_missed(report), *_false_alarms(report)]
    found = [each for each in found if (each.count or 0) >= _MIN_MISTAKES]
    return sorted(found, key=lambda each: -(each.count or 0))[:_MAX_MISTAKE_ADVICE]


def _confused(report: EvaluationReport) -> Iterator[Advice]:
    """Yield labels of which at least half of the mistakes are one other label."""
    confusion, names = report.confusion, [each.label for each in report.labels]
    for row, counts in enumerate(confusion.counts):
        missed = confusion.missed[row] if confusion.missed else 0
        mistakes = sum(counts) - counts[row] + missed
        for column, count in enumerate(counts):
            if column != row and count and 2 * count >= mistakes:
                yield _advice(
                    AdviceCode.CONFUSED,
                    names[row],
                    other=names[column],
                    count=count,
                    total=mistakes,
                    images=report.labels[row].test_images,
                )


def _missed(report: EvaluationReport) -> Iterator[Advice]:
    for each, missed in zip(report.labels, report.confusion.missed or (), strict=False):
        if missed >= _MIN_MISSED_FRACTION * each.support:
            yield _advice(AdviceCode.MISSED, each.label, count=missed, total=each.support)


def _false_alarms(report: EvaluationReport) -> Iterator[Advice]:
    for each, count in zip(report.labels, report.confusion.background or (), strict=False):
        yield _advice(AdviceCode.FALSE_ALARMS, each.label, count=count)


def _advice(
    code: AdviceCode,
    label: str | None = None,
    *,
    other: str | None = None,
    count: float | None = None,
    total: float | None = None,
    images: int | None = None,
    value: float | None = None,
) -> Advice:
    return Advice(code, code in WARNINGS, label, other, count, total, images, value)
