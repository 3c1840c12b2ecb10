from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng
from sklearn.metrics import average_precision_score
from tests.training.classifier.small_marks import MARKS, small_marks
from tests.training.drawn import SHAPES, drawn_examples

from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.inference.artefact import Artefact
from lensmith.inference.network import OnnxRuntimeNetwork
from lensmith.inference.predictor import Predictor
from lensmith.inference.preprocess import prepare
from lensmith.inference.quantisation.quantise import quantise
from lensmith.training.backbone import BackboneName
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.backbone_speed import MeasuredBackbone
from lensmith.training.classifier.cross_validation import cross_validate
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_candidates import best_of
from lensmith.training.classifier.frozen_features import FrozenCandidate
from lensmith.training.classifier.larger_input import larger_input
from lensmith.training.classifier.linear_head import HeadKind, HeadRecipe
from lensmith.training.classifier.network import LiteFeatures, PeakFeatures
from lensmith.training.classifier.recipe import ClassifierRecipe, FineTuningRecipe
from lensmith.training.classifier.report import ClassifierReport
from lensmith.training.classifier.train import train_classifier
from lensmith.training.settings import TrainingSettings

HEAD = HeadRecipe(HeadKind.REGRESSION, 100.0)
RECIPE = ClassifierRecipe(
    (BackboneName.LITE0,),
    views=1,
    heads=(HEAD,),
    fine_tuning=FineTuningRecipe((96, 64), iterations=1, more_iterations=1, warmup=1),
)
SIDE = 256  # larger than native; three times as quick as 448


@cache
def lite(name: BackboneName) -> LiteFeatures:
    """Loaded once, and not by every worker that collects the tests."""
    return LiteFeatures(name)


def quick() -> MeasuredBackbone:
    return MeasuredBackbone(lite(BackboneName.LITE0), seconds=0.01)


def drawn(folder: Path, count: int) -> LabelledPictures:
    return LabelledPictures.of(drawn_examples(folder, count, (1, 1), seed=1), len(SHAPES), 4, 0)


def native(data: LabelledPictures, *, knows: float = 0.0) -> FrozenCandidate:
    """Features that tell the labels as well as `knows` says, from 0 on."""
    noise = default_rng(0).normal(size=(len(data.examples), 1, 8))
    noise[:, 0, : data.truth.shape[1]] += knows * data.truth
    validations = cross_validate(noise, data.truth, [HEAD], data.fold_of, exclusive=data.exclusive)
    inputs = np.zeros((1, 224, 224, 3), np.uint8)
    return FrozenCandidate(quick().extractor, noise, inputs, validations, (HEAD,))


def tried(
    data: LabelledPictures,
    natives: Sequence[FrozenCandidate],
    seconds: float = 1e6,
    sample: int = 200,
    reserved: float = 0.0,
) -> tuple[FrozenCandidate | None, ClassifierReport]:
    larger, log = larger_input(data, quick(), min_picture_side=100.0), ClassifierReport(data)
    assert larger is not None
    assert larger.extractor.input_size == (448, 448)
    larger = replace(larger, extractor=PeakFeatures(lite(BackboneName.LITE0), SIDE))
    budget = TimeBudget(seconds, 0.0, lambda: 0.0)
    found = replace(larger, sample=sample).candidate(
        data, RECIPE, natives, budget, log, lambda _: None, reserved
    )
    return found, log


def test_labels_of_small_parts_are_found_at_a_larger_input(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    examples = small_marks(tmp_path, 36, seed=1)
    train_classifier(
        examples,
        MARKS,
        tmp_path / "model",
        TrainingSettings(threads=1),
        lambda _: None,
        recipe=RECIPE,
    )
    artefact = Artefact.read(tmp_path / "model")
    assert artefact.input_size == (448, 448)
    report = artefact.report
    assert report.plan is not None
    assert report.plan.classifier is not None
    assert report.plan.classifier.larger_input == (448, 448)
    small, large = report.trials[:2]
    assert (small.input_size, large.input_size) == (None, (448, 448))
    assert small.average_precision is not None
    assert large.average_precision is not None
    assert small.average_precision < 0.9 < large.average_precision
    assert report.choice is not None
    assert report.choice.trial == large

    tests = small_marks(tmp_path, 12, seed=2)
    truth = [[label in one.labels for label in range(3)] for one in tests]
    predictor = Predictor.open(tmp_path / "model", threads=1)
    served = [predictor.predict(one.image.read_bytes()).detections for one in tests]
    confidences = [
        [{one.name: one.confidence for one in row}[name] for name in MARKS] for row in served
    ]
    assert average_precision_score(truth, confidences, average="macro") > 0.8

    frames = [prepare(one.image.read_bytes(), artefact)[0] for one in examples[:12]]
    int8 = quantise(tmp_path / "model" / "model.onnx", frames, threads=1)
    assert int8 is not None
    frames = [prepare(one.image.read_bytes(), artefact)[0] for one in tests]
    scores = OnnxRuntimeNetwork(int8, threads=1).run(np.stack(frames))["scores"]
    assert average_precision_score(truth, scores, average="macro") > 0.8


def test_labels_that_native_features_know_well_are_left_alone(tmp_path: Path) -> None:
    data = drawn(tmp_path, 12)
    found, log = tried(data, [native(data, knows=100.0)])
    assert found is None
    assert not log.trials
    assert not log.skipped


def test_a_larger_input_that_is_not_ahead_is_reported_and_not_chosen(tmp_path: Path) -> None:
    data = drawn(tmp_path, 12)
    knowing = native(data, knows=100.0)
    (score,) = knowing.validations
    found, log = tried(data, [replace(knowing, validations=[replace(score, metric=0.5)])])
    assert found is None
    assert [trial.input_size for trial in log.trials] == [(SIDE, SIDE)]


def test_it_must_be_ahead_of_every_native_candidate(tmp_path: Path) -> None:
    data = drawn(tmp_path, 12)
    given = native(data)
    (score,) = given.validations
    odd = np.arange(len(score.losses)) % 2
    scattered = np.where(odd, 18.0, -20.0)
    lowest = replace(given, validations=[replace(score, losses=scattered, metric=0.5)])
    within_its_error = replace(score, losses=np.full(len(odd), 3.0), metric=0.5)
    preferred = replace(given, extractor=lite(BackboneName.LITE2), validations=[within_its_error])
    assert best_of([lowest, preferred]) is preferred
    assert tried(data, [preferred])[0] is not None
    found, log = tried(data, [lowest, preferred])
    assert found is None
    assert [trial.input_size for trial in log.trials] == [(SIDE, SIDE)]


@pytest.mark.parametrize(("knows", "pictures"), [(0.0, 24), (100.0, 16)])
def test_a_sample_shows_whether_the_others_are_looked_at(
    tmp_path: Path, knows: float, pictures: int
) -> None:
    data = drawn(tmp_path, 24)
    given = native(data, knows=knows)
    (score,) = given.validations
    found, log = tried(data, [replace(given, validations=[replace(score, metric=0.5)])], sample=16)
    assert [trial.pictures for trial in log.trials] == [pictures]
    assert (found is not None) == (pictures == 24)


@pytest.mark.parametrize(("seconds", "reserved"), [(0.5, 0.0), (100.0, 99.5)])
def test_without_time_it_is_left_out(tmp_path: Path, seconds: float, reserved: float) -> None:
    data = drawn(tmp_path, 12)
    found, log = tried(data, [native(data)], seconds, reserved=reserved)
    assert found is None
    assert log.skipped == [Skipped(SkipReason.LARGER_INPUT, "efficientnet-lite0", number=SIDE)]


def test_small_pictures_hold_no_more(tmp_path: Path) -> None:
    assert larger_input(drawn(tmp_path, 12), quick()) is None
