from __future__ import annotations

import pytest

from lensmith.cli.training.detector_view import cut_words
from lensmith.cli.training.report_words import (
    ENDINGS,
    METHODS,
    choice_words,
    machine_words,
    plan_words,
    skipped_words,
)
from lensmith.domain.training_report import (
    Choice,
    ChoiceReason,
    ClassifierPlan,
    Cut,
    EndReason,
    MachineShare,
    Method,
    Skipped,
    SkipReason,
    TrainingPlan,
    Trial,
)


@pytest.mark.parametrize("reason", SkipReason)
def test_every_reason_has_words(reason: SkipReason) -> None:
    words = skipped_words(Skipped(reason, "owner/model", number=3.0, limit=2.0, detail="detail"))
    assert words.startswith("owner/model: ")
    assert not words.endswith(".")


def test_every_code_has_words() -> None:
    assert ENDINGS.keys() == set(EndReason)
    assert METHODS.keys() == set(Method)


def test_numbers_are_in_the_words() -> None:
    slow = Skipped(SkipReason.TOO_SLOW, "owner/model", number=1800.0, limit=300.0)
    assert "about 30 minutes here and may take 5" in skipped_words(slow)


def test_plans() -> None:
    plan = ClassifierPlan(("lite0", "lite2"), 4, 1)
    assert plan_words(TrainingPlan(plan)) == (
        "frozen features of lite0, lite2, validated on 4 folds; where they leave something to "
        "gain, fine-tuning, validated on 1 of the folds"
    )
    wide = ClassifierPlan(("lite0",), 4, 4, full_tuning=True)
    assert "fine-tuning and full fine-tuning, validated on 4" in str(plan_words(TrainingPlan(wide)))
    averaged = ClassifierPlan(("lite0", "lite2"), 4, averaged=True)
    assert plan_words(TrainingPlan(averaged)) == (
        "the average of lite0 and lite2, each with a head on its frozen features, validated on 4 "
        "folds"
    )
    larger = ClassifierPlan(("lite0",), 4, 1, larger_input=(448, 448))
    assert (
        "something to gain, an input of 448 x 448 pixels, fine-tuning, validated on 1 of the folds"
    ) in str(plan_words(TrainingPlan(larger)))
    alone = ClassifierPlan(("lite0",), 0)
    assert "too few pictures to validate on" in str(plan_words(TrainingPlan(alone)))
    assert plan_words(TrainingPlan()) is None


def test_a_choice_by_log_loss() -> None:
    plain = Trial("lite0", Method.FINE_TUNING, log_loss=0.41, pictures=12)
    full = Trial("lite0", Method.FULL_FINE_TUNING, log_loss=0.4, pictures=12)
    continuation = Skipped(SkipReason.DIVERGED, method=Method.FINE_TUNING, number=7)
    choice = Choice(plain, ChoiceReason.LOG_LOSS, baseline_log_loss=0.5, continuation=continuation)
    assert choice_words(choice, (plain, full)) == (
        "lite0, fine-tuning; log loss of fine-tuning 0.410, of full fine-tuning 0.400, of frozen "
        "features 0.500, on the same 12 pictures that none of them was trained on; the plainer "
        "fine-tuning where one standard error holds both; going on with all pictures failed: its "
        "training diverged at iteration 7"
    )


def test_a_choice_of_the_average() -> None:
    average = Trial("lite0+lite2", Method.AVERAGE, log_loss=0.4, pictures=12)
    assert choice_words(Choice(average, ChoiceReason.FEW_PICTURES), (average,)) == (
        "lite0+lite2, average; too few pictures a label to tell which backbone is better"
    )


def test_a_choice_of_a_larger_input() -> None:
    trial = Trial("lite0", Method.REGRESSION, 10.0, input_size=(448, 448))
    assert choice_words(Choice(trial, ChoiceReason.LARGER_INPUT), (trial,)).startswith(
        "lite0 at 448 x 448 pixels, regression, C 10; its log loss in cross-validation is lower"
    )


def test_the_machine_and_what_else_ran_on_it() -> None:
    assert machine_words(MachineShare(1)) == "1 core"
    assert machine_words(MachineShare(2, 1, 3.4)) == (
        "2 cores, shared with 1 other training: 1.0 for each, load 3.4 when it began"
    )
    assert machine_words(MachineShare(4, 3, 6.0, 0.9)) == (
        "4 cores, shared with 3 other trainings: 1.0 for each, load 6.0 when it began; "
        "it had 0.9 of them"
    )


def test_what_a_cut_left_out() -> None:
    words = cut_words(Cut(988, 1850.0, 0.95), recall=0.71)
    assert words.startswith(
        "988 steps were left out, about 31 more minutes at its pace; a training is done once 95% "
        "of the boxes in training pictures are found, this one found 71%. LENSMITH_TRAINING_BUDGET"
    )
    assert "found" not in cut_words(Cut(988, 1850.0, 0.95), recall=0.96)
    assert "found" not in cut_words(Cut(988, 1850.0), recall=None)
