from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from tests.training.detector.counted_time import CountedTime
from tests.training.drawn import CROWD_SIDES, SHAPES, SIDES, drawn_crowds, drawn_examples
from torch import Tensor

from lensmith.domain.geometry import Box
from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_report import EndReason
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.budget import TimeBudget
from lensmith.training.data.example import Example
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.fit import fit
from lensmith.training.detector.network import Detector
from lensmith.training.detector.recipe import DetectorRecipe, detector_input_size
from lensmith.training.detector.served import ServedDetector
from lensmith.training.detector.train import level_priors, train_detector
from lensmith.training.device import this_machine
from lensmith.training.errors import DivergedError
from lensmith.training.settings import TrainingSettings

SMALL = DetectorRecipe(
    input_size=(128, 96), view=(96, 96), iterations=100, guard_seconds=1e4, warmup=20
)

BRIEF = replace(SMALL, iterations=3)


def train(
    examples: list[Example],
    folder: Path,
    recipe: DetectorRecipe = SMALL,
    on_progress: OnProgress = lambda _: None,
) -> Path:
    """The folder of the model. Drawn pictures fit a frame below the smallest of real ones."""
    directory = folder / "model"
    directory.mkdir()
    settings = TrainingSettings(threads=1)
    train_detector(examples, SHAPES, directory, settings, on_progress, recipe=recipe)
    return directory


def overlap(a: Box, b: Box) -> float:
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    shared = max(across, 0) * max(down, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


def found_fraction(directory: Path, examples: list[Example]) -> float:
    """Share of the boxes that a confident detection of the same label overlaps by half."""
    predictor = Predictor.open(directory, threads=1)
    hits = []
    for example in examples:
        detections = predictor.predict(example.image.read_bytes()).detections
        for label, box in example.boxes:
            hits.append(
                any(
                    found.name == SHAPES[label]
                    and found.confidence > 0.3
                    and found.box is not None
                    and overlap(found.box, box) > 0.5
                    for found in detections
                )
            )
    return sum(hits) / len(hits)


def test_drawn_shapes_are_learnt_and_missing_labels_tolerated(tmp_path: Path) -> None:
    """A third of the pictures hides its first box from training, some their only one."""
    examples = [
        replace(example, boxes=example.boxes[1:]) if number % 3 == 0 else example
        for number, example in enumerate(drawn_examples(tmp_path, 24, (1, 2), seed=1))
    ]
    progress: list[Progress] = []
    directory = train(examples, tmp_path, on_progress=progress.append)
    assert found_fraction(directory, drawn_examples(tmp_path, 12, (1, 2), seed=2)) > 0.8
    losses = [seen.loss for seen in progress if seen.loss is not None]
    assert losses[-1] < losses[1] / 1.5  # of the fifth step
    assert progress[-1].step == progress[-1].steps
    artefact = Artefact.read(directory)
    assert artefact.task is Task.DETECTION
    assert artefact.labels == SHAPES
    assert artefact.report.detector is not None
    assert artefact.report.detector.iterations == progress[-1].step


def test_fifty_small_things_a_picture_are_learnt(tmp_path: Path) -> None:
    examples = drawn_crowds(tmp_path, 12, seed=1)
    chosen = detector_input_size(examples, [CROWD_SIDES] * len(examples))
    assert chosen[0] > CROWD_SIDES[0]  # such boxes ask for more pixels than there are
    recipe = replace(SMALL, input_size=chosen, view=(128, 128), iterations=50, warmup=12)
    directory = train(examples, tmp_path, recipe)
    assert found_fraction(directory, drawn_crowds(tmp_path, 4, seed=2)) > 0.8


def few_iterations(
    examples: list[Example], seed: int, recipe: DetectorRecipe = BRIEF, threads: int = 1
) -> Detector:
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    priors = level_priors(examples, [(160, 120)] * len(examples), recipe.input_size)
    network = Detector(load_backbone(BackboneName.LITE0), 3, priors)
    network.freeze(3)
    batches = DetectionBatches(examples, recipe.input_size, recipe.view, default_rng(seed))
    budget = TimeBudget.from_now(recipe.guard_seconds)
    return fit(network, batches, recipe, budget, lambda _: None).network


def test_a_learning_rate_that_diverges_ends_the_training_at_once(tmp_path: Path) -> None:
    diverging = replace(SMALL, learning_rate=1e30, backbone_learning_rate=1e30)
    with pytest.raises(DivergedError, match="train a new version") as raised:
        few_iterations(drawn_examples(tmp_path, 4, (1, 1), seed=1), 0, diverging)
    assert raised.value.iteration < SMALL.iterations / 4


@pytest.mark.parametrize("threads", [1, 2])  # with two, batches are made ahead
def test_the_same_seed_gives_the_same_weights(tmp_path: Path, threads: int) -> None:
    examples = drawn_examples(tmp_path, 4, (1, 2), seed=1)
    once, again = (few_iterations(examples, seed=5, threads=threads).state_dict() for _ in range(2))
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_frozen_stages_and_statistics_stay(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 4, (1, 2), seed=1)
    network = few_iterations(examples, seed=5)
    fresh = Detector(load_backbone(BackboneName.LITE0), 3, torch.ones(3, 2))
    fresh.freeze(3)
    after, before = network.backbone.state_dict(), fresh.backbone.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed
    assert not any(
        name.startswith(("stem", "stages.0", "stages.1", "stages.2")) for name in changed
    )
    assert not any("running" in name for name in changed)


def test_pictures_without_any_box_train(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 3, (0, 0), seed=1)
    network = few_iterations(examples, seed=1)
    assert all(weights.isfinite().all() for weights in network.state_dict().values())


def test_first_boxes_have_the_usual_size(tmp_path: Path) -> None:
    """Before any training the level meant for the boxes predicts about their size."""
    examples = drawn_examples(tmp_path, 12, (1, 1), seed=1)
    priors = level_priors(examples, [(160, 120)] * 12, (160, 128))
    sides = [box.width * 160 for example in examples for _, box in example.boxes]
    assert float(2 * priors[0].mean()) == pytest.approx(np.mean(sides), rel=0.1)
    network = Detector(load_backbone(BackboneName.LITE0), 3, priors).eval()
    with torch.no_grad():
        predicted = network(torch.zeros(1, 3, 128, 160))
    widths = (predicted.boxes[0, :, 2] - predicted.boxes[0, :, 0])[:320]  # the stride 8 level
    assert float(widths.mean()) == pytest.approx(2 * float(priors[0, 0]), rel=0.3)
    assert float(predicted.scores.max()) < 0.1


def test_served_boxes_are_fractions_of_the_frame() -> None:
    network = Detector(load_backbone(BackboneName.LITE0), 2, torch.ones(3, 2) * 30)
    served = ServedDetector(network, (160, 128)).eval()
    with torch.no_grad():
        boxes, scores = served(torch.zeros(2, 128, 160, 3, dtype=torch.uint8))
    assert boxes.shape == (2, 320 + 80 + 20, 4)
    assert scores.shape == (2, 420, 2)
    assert 0 <= float(boxes.min()) <= float(boxes.max()) <= 1


@dataclass
class SlowBatches:
    """Batches that take a second each."""

    batches: DetectionBatches
    clock: CountedTime

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        self.clock.now += 1.0
        return self.batches.batch(size, mosaic)


def test_learning_and_validation_end_with_the_budget(tmp_path: Path) -> None:
    clock = CountedTime()
    torch.set_num_threads(1)  # so that no batch is made ahead, whose seconds would be counted too
    machine = replace(this_machine(), clock=clock)
    examples = drawn_examples(tmp_path, 4, (1, 2), seed=1)
    endless = replace(SMALL, iterations=10_000, warmup=2)
    batches = DetectionBatches(examples, endless.input_size, endless.view, default_rng(0))
    priors = level_priors(examples, [SIDES] * len(examples), endless.input_size)
    network = Detector(load_backbone(BackboneName.LITE0), len(SHAPES), priors)

    def validate(_: Detector) -> None:
        clock.now += 3.0

    source, budget = SlowBatches(batches, clock), TimeBudget(20.0, 0.0, clock)
    fitted = fit(network, source, endless, budget, lambda _: None, validate, machine)
    assert 19.0 <= clock.now <= 20.0
    assert fitted.iterations == clock.now - 3.0
    assert fitted.ending is EndReason.OUT_OF_TIME


@pytest.mark.parametrize(
    ("spare", "ending"), [(1.0, EndReason.ALL_ITERATIONS), (-1.0, EndReason.OUT_OF_TIME)]
)
def test_the_budget_holds_planning_and_export_too(
    tmp_path: Path, spare: float, ending: EndReason
) -> None:
    """Planning takes all of the time before the export, but for what is to spare."""
    clock = CountedTime(100.0)
    recipe = replace(BRIEF, iterations=4, guard_seconds=60.0)

    def take_time(progress: Progress) -> None:
        if progress.phase == "planning":
            clock.now += recipe.guard_seconds - recipe.ending_seconds - spare

    train_detector(
        drawn_examples(tmp_path, 4, (1, 2), seed=1),
        SHAPES,
        tmp_path,
        TrainingSettings(threads=1),
        take_time,
        recipe=recipe,
        machine=replace(this_machine(), clock=clock),
    )
    report = Artefact.read(tmp_path).report.detector
    assert report is not None
    assert report.ending is ending
