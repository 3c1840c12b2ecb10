"""Detectors from the hub beside the bundled one, judged on pictures that none has seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.training.detector.counted_time import CountedTime
from tests.training.drawn import SHAPES, drawn_examples
from tests.training.hub_detector.tiny_detectors import saved_detector

from lensmith.domain.geometry import Box
from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_report import BUNDLED as BUNDLED_NAME
from lensmith.domain.training_report import (
    ChoiceReason,
    DetectorPlan,
    Skipped,
    SkipReason,
    TrainingPlan,
)
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector_selection.holdout import SplitPictures
from lensmith.training.detector_selection.recipe import SelectionRecipe
from lensmith.training.detector_selection.train import train_best_detector
from lensmith.training.detector_selection.trials import SharedTime
from lensmith.training.errors import DivergedError
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of

SHORT = HubDetectorRecipe(iterations=2, more_iterations=1, batch=2)
BUNDLED = DetectorRecipe(
    input_size=(128, 96), view=(128, 96), iterations=2, guard_seconds=200.0, warmup=1
)


RECIPE = SelectionRecipe(BUNDLED, SHORT)
TWO_ITERATIONS_ARE_ENOUGH = replace(RECIPE, min_lead=-1.0)  # though they improve no detector


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The quicker of the families: any detector of the hub will do here."""
    return str(saved_detector("rt-detr-v2", tmp_path_factory.mktemp("named")))


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    return drawn_examples(tmp_path, 12, (1, 2), seed=1)


def trained(
    examples: list[Example],
    folder: Path,
    *names: str,
    budget: float | None = None,
    recipe: SelectionRecipe = RECIPE,
    on_progress: OnProgress = lambda _: None,
) -> tuple[Artefact, list[Progress]]:
    model = folder / "model"
    model.mkdir()
    progress: list[Progress] = []
    settings = TrainingSettings(threads=1, backbones=names, budget_seconds=budget)

    def seen(one: Progress) -> None:
        progress.append(one)
        on_progress(one)

    train_best_detector(examples, SHAPES, model, settings, seen, recipe=recipe)
    assert sorted(path.name for path in model.iterdir()) == ["model.json", "model.onnx"]
    Predictor.open(model, threads=1).predict(examples[0].image.read_bytes())
    return Artefact.read(model), progress


def test_the_bundled_detector_stays_where_no_other_is_better(
    named: str, examples: list[Example], tmp_path: Path
) -> None:
    artefact, progress = trained(examples, tmp_path, named, "/no/such/folder")
    report = artefact.report
    assert [trial.candidate for trial in report.trials] == [named, BUNDLED_NAME]
    choice = report.choice
    assert choice is not None
    assert choice.reason is ChoiceReason.AVERAGE_PRECISION
    assert (choice.runner_up, choice.trial) == report.trials
    assert report.skipped == (Skipped(SkipReason.NO_SUCH_FOLDER, "/no/such/folder"),)
    assert artefact.input_size == BUNDLED.input_size
    phases = list(dict.fromkeys((seen.phase, seen.trial, seen.trials) for seen in progress))
    assert phases == [
        ("detectors", None, None),
        ("planning", None, None),
        ("trial", 1, 2),
        ("judging-trial", 1, 2),
        ("trial", 2, 2),
        ("judging-trial", 2, 2),
        ("training", None, None),
    ]
    assert progress[2].budget_seconds
    assert progress[2].plan == report.plan
    held_out = choice.trial.pictures
    assert held_out
    plan = DetectorPlan((named,), training_pictures=12 - held_out, held_out_pictures=held_out)
    assert report.plan == TrainingPlan(detector=plan)
    judged = [
        (seen.step, seen.steps)
        for seen in progress
        if (seen.phase, seen.trial) == ("judging-trial", 1)
    ]
    assert judged == [(number, held_out) for number in range(1, held_out + 1)]


def test_the_better_detector_goes_on_with_all_pictures(
    named: str, examples: list[Example], tmp_path: Path
) -> None:
    artefact, progress = trained(examples, tmp_path, named, recipe=TWO_ITERATIONS_ARE_ENOUGH)
    assert artefact.report.choice is not None
    assert artefact.report.choice.trial.candidate == named
    assert artefact.report.detector is not None
    assert artefact.report.detector.detector == named
    assert progress[-1].step == progress[-1].steps == SHORT.more_iterations


def test_what_was_judged_stays_where_going_on_fails(
    named: str, examples: list[Example], tmp_path: Path
) -> None:
    def fail(progress: Progress) -> None:
        if progress.phase == "training":  # on all pictures
            raise DivergedError(3)

    artefact, _ = trained(
        examples, tmp_path, named, recipe=TWO_ITERATIONS_ARE_ENOUGH, on_progress=fail
    )
    assert artefact.report.detector is not None
    assert artefact.report.detector.detector == named
    assert artefact.report.choice is not None
    assert artefact.report.choice.continuation == Skipped(SkipReason.DIVERGED, number=3)


def test_too_slow_for_the_budget(named: str, examples: list[Example], tmp_path: Path) -> None:
    long = replace(RECIPE, hub=replace(SHORT, iterations=1_000_000))
    artefact, _ = trained(examples, tmp_path, named, budget=60.0, recipe=long)
    assert artefact.report.trials == ()
    (skipped,) = artefact.report.skipped
    assert (skipped.reason, skipped.candidate) == (SkipReason.TOO_SLOW, named)
    assert skipped.number is not None
    assert skipped.limit is not None
    assert skipped.number > skipped.limit


def test_too_few_pictures_to_judge(named: str, tmp_path: Path) -> None:
    artefact, progress = trained(drawn_examples(tmp_path, 4, (1, 1), seed=1), tmp_path, named)
    assert artefact.report.skipped == (Skipped(SkipReason.TOO_FEW_PICTURES, named, number=10),)
    assert {seen.phase for seen in progress} == {"detectors", "planning", "training"}


def test_a_training_job_trains_with_candidates() -> None:
    assert trainer_of(Task.DETECTION) is train_best_detector


def test_a_fifth_is_held_out_and_never_a_labels_only_picture(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 25, (0, 1), seed=2)
    lone = replace(examples[0], boxes=((3, Box(0.1, 0.1, 0.5, 0.5)),))
    split = SplitPictures.of([lone, *examples[1:]], 4, seed=0)
    assert len(split.held_out) in {4, 5}
    assert len(split.training) == 25 - len(split.held_out)
    assert lone in split.training
    assert SplitPictures.of([lone, *examples[1:]], 4, seed=0) == split


def test_no_trial_takes_more_than_its_share_and_the_last_gets_what_is_left() -> None:
    clock = CountedTime()
    shared = SharedTime(TimeBudget(300.0, 0.0, clock), trainings=3)
    assert shared.of(1) == 100.0
    clock.now = 20.0
    assert shared.of(2) == 100.0
    assert shared.of(3) == 280.0


def test_what_one_overruns_the_others_share() -> None:
    clock = CountedTime()
    shared = SharedTime(TimeBudget(300.0, 0.0, clock), trainings=3)
    clock.now = 140.0
    assert shared.of(2) == 80.0
    clock.now = 290.0
    assert shared.of(3) == 50.0


def test_a_scene_is_not_learnt_and_held_out() -> None:
    box = Box(0.1, 0.1, 0.5, 0.5)
    examples = [Example(Path(f"{n}.png"), (), ((n % 2, box),), scene=n // 5) for n in range(50)]
    parts = SplitPictures.of(examples, 2, seed=0)
    assert len(parts.held_out) == 10
    assert {one.scene for one in parts.held_out}.isdisjoint(one.scene for one in parts.training)
