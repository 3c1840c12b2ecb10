"""What an evaluation and a training warn of and advise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.evaluated import evaluated_boards, evaluated_flowers

from lensmith.domain.training_report import (
    Choice,
    DetectorTraining,
    EndReason,
    Recipe,
    Skipped,
    SkipReason,
    TrainingReport,
    Trial,
)
from lensmith.evaluation.advice import Advice, AdviceCode, advise
from lensmith.evaluation.report import ConfusionCounts, EvaluationReport


def enough(report: EvaluationReport, images: int = 20) -> EvaluationReport:
    labels = tuple(replace(each, test_images=images) for each in report.labels)
    return replace(report, labels=labels)


def codes(found: list[Advice]) -> list[tuple[AdviceCode, str | None]]:
    return [(each.code, each.label) for each in found]


def test_few_test_images_and_a_weak_model_are_warnings() -> None:
    report = evaluated_flowers().report  # 2, 2 and 3 pictures
    found = advise(replace(report, f1_score=0.49))
    assert codes(found) == [
        (AdviceCode.WEAK_MODEL, None),
        (AdviceCode.FEW_TEST_IMAGES, "daisy"),
        (AdviceCode.FEW_TEST_IMAGES, "poppy"),
        (AdviceCode.FEW_TEST_IMAGES, "tulip"),
    ]
    assert all(each.is_warning for each in found)
    assert (found[0].value, found[3].count) == (0.49, 3)
    assert advise(enough(replace(report, f1_score=0.5))) == []
    few = advise(enough(report, 9))
    assert codes(few) == [
        (AdviceCode.MORE_TEST_IMAGES, "daisy"),
        (AdviceCode.MORE_TEST_IMAGES, "poppy"),
        (AdviceCode.MORE_TEST_IMAGES, "tulip"),
    ]
    assert not any(each.is_warning for each in few)


def test_the_other_label_of_half_the_mistakes_is_named() -> None:
    report = enough(evaluated_flowers().report)
    counts = ((15.0, 4.0, 1.0), (0.0, 20.0, 0.0), (2.0, 2.0, 16.0))
    found = advise(replace(report, confusion=ConfusionCounts(counts)))
    assert [(each.label, each.other, each.count, each.total) for each in found] == [
        ("daisy", "poppy", 4.0, 5.0),
        ("tulip", "daisy", 2.0, 4.0),
        ("tulip", "poppy", 2.0, 4.0),
    ]
    assert found[0].images == 20


def test_missed_boxes_and_boxes_where_nothing_is() -> None:
    report = enough(evaluated_boards().report)
    labels = tuple(replace(each, support=12) for each in report.labels)
    counts = ConfusionCounts(((9.0, 0.0), (0.0, 10.0)), missed=(3, 2), background=(0, 7))
    found = advise(replace(report, labels=labels, confusion=counts))
    assert [(each.code, each.label, each.count, each.total) for each in found] == [
        (AdviceCode.FALSE_ALARMS, "lamp", 7, None),
        (AdviceCode.MISSED, "chip", 3, 12),
    ]


def detector(ending: EndReason) -> TrainingReport:
    return TrainingReport(
        budget_seconds=120.0,
        detector=DetectorTraining(Recipe((512, 512), 900, 8), 400, 1.0, ending),
    )


def classifier(reason: SkipReason) -> TrainingReport:
    choice = Choice(Trial("lite0"), fine_tuning=Skipped(reason))
    return TrainingReport(budget_seconds=120.0, choice=choice)


@pytest.mark.parametrize(
    ("training", "is_cut_short"),
    [
        (detector(EndReason.OUT_OF_TIME), True),
        (detector(EndReason.LEARNT), False),
        (classifier(SkipReason.TIME), True),
        (classifier(SkipReason.NOT_NEEDED), False),
        (TrainingReport(budget_seconds=120.0, skipped=(Skipped(SkipReason.HEADS),)), True),
        (TrainingReport(budget_seconds=120.0, skipped=(Skipped(SkipReason.GATED),)), False),
        (None, False),
    ],
)
def test_a_training_that_ran_out_of_time(
    training: TrainingReport | None, is_cut_short: bool
) -> None:
    found = advise(enough(evaluated_flowers().report), training)
    assert codes(found) == ([(AdviceCode.CUT_SHORT, None)] if is_cut_short else [])
    assert [each.value for each in found] == ([120.0] if is_cut_short else [])
