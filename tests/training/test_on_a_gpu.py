"""Every training runs as though on CUDA: nothing is computed from tensors of two devices.

What these cannot show: the kernels of CUDA themselves, their rounding, their speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from numpy.random import default_rng
from tests.training.brand.drawn_logos import NAMES, write_logos
from tests.training.classifier.test_train import hard_to_tell
from tests.training.detector.test_train import SMALL, found_fraction
from tests.training.drawn import SHAPES, SIDES, drawn_examples
from tests.training.hub_detector.tiny_detectors import saved_detector
from tests.training.pretended_gpu import GPU, Marks, WrongDeviceError, pretended_gpu
from torch import Tensor

from lensmith.domain.job import Progress
from lensmith.domain.training_report import Method
from lensmith.inference.artefact import Artefact
from lensmith.training.backbone import BackboneName, load_backbone, normalised
from lensmith.training.brand.recipe import SceneRecipe
from lensmith.training.brand.train import train_brand_detector
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.fine_tuned import try_fine_tuning
from lensmith.training.classifier.recipe import HEADS, ClassifierRecipe, FineTuningRecipe
from lensmith.training.classifier.train import train_classifier
from lensmith.training.data.example import Example
from lensmith.training.detector.assignment import GroundTruthBoxes, TaskAlignedAssigner
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.fit import fit
from lensmith.training.detector.loss import detection_loss
from lensmith.training.detector.network import Detector, grids_of
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector.train import train_detector
from lensmith.training.device import Machine
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.hub_detector.load import load_hub_detector
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.settings import TrainingSettings

BRIEF = replace(SMALL, iterations=4, warmup=1)
BRIEF_BRAND = DetectorRecipe(
    input_size=(192, 192), view=(96, 96), iterations=3, guard_seconds=1e4, warmup=1, mosaic=0.0
)
BRIEF_HUB = HubDetectorRecipe(iterations=1, more_iterations=0, batch=2, learning_rate=1e-3)
BRIEF_TUNING = FineTuningRecipe(input_size=(96, 64), iterations=2, more_iterations=1, warmup=1)
SETTINGS = TrainingSettings(threads=1)
ON_GPU = Machine(GPU, torch.bfloat16)
HALF_PRECISION = Machine(torch.device("cpu"), torch.bfloat16)


@pytest.fixture
def marks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Marks]:
    with pretended_gpu(monkeypatch) as marks:
        yield marks


def ignore(_: Progress) -> None:
    pass


def test_tensors_that_lie_apart_are_refused(marks: Marks) -> None:
    here, there = torch.ones(3), torch.ones(3, device=GPU)
    assert (here.device.type, there.device.type) == ("cpu", "cuda")
    with pytest.raises(WrongDeviceError):
        here + there
    with pytest.raises(WrongDeviceError):
        torch.cat([here, there])
    with pytest.raises(WrongDeviceError):
        there.numpy()
    assert (there * torch.tensor(2.0) + 1).cpu().tolist() == [3.0] * 3
    assert (here.to(GPU) + there).device == GPU
    assert here.to(GPU)[torch.tensor([0])].device == GPU
    assert here.tolist() == [1.0] * 3
    assert here.device.type == "cpu"


def test_gradients_are_where_their_weights_are(marks: Marks) -> None:
    layer = torch.nn.Linear(3, 2).to(GPU)
    with pytest.raises(WrongDeviceError):
        layer(torch.ones(1, 3))
    layer(torch.ones(1, 3, device=GPU)).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.device == layer.weight.device == GPU
    torch.optim.AdamW(layer.parameters()).step()
    assert layer.cpu().weight.device.type == "cpu"


class Unmoved(GroundTruthBoxes):
    """Boxes that somebody forgot to move."""

    def to(self, device: torch.device) -> GroundTruthBoxes:
        return self


@dataclass
class UnmovedBatches:
    batches: DetectionBatches

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        images, truth = self.batches.batch(size, mosaic)
        return images, Unmoved(truth.boxes, truth.labels)


def test_a_forgotten_move_is_found(tmp_path: Path, marks: Marks) -> None:
    examples = drawn_examples(tmp_path, 4, (1, 2), seed=1)
    batches = DetectionBatches(examples, BRIEF.input_size, BRIEF.view, default_rng(0))
    network = Detector(load_backbone(BackboneName.LITE0), len(SHAPES), torch.full((3, 2), 30.0))
    budget = TimeBudget.from_now(BRIEF.guard_seconds)
    with pytest.raises(WrongDeviceError):
        fit(network, UnmovedBatches(batches), BRIEF, budget, ignore, machine=ON_GPU)


def test_a_detector(tmp_path: Path, marks: Marks) -> None:
    examples = drawn_examples(tmp_path, 40, (1, 2), seed=1)
    train_detector(examples, SHAPES, tmp_path, SETTINGS, ignore, recipe=BRIEF, machine=ON_GPU)
    report = Artefact.read(tmp_path).report.detector
    assert report is not None
    assert report.held_out is not None
    assert (report.iterations, report.held_out.pictures) == (4, 6)
    assert len(marks) > 1000


def test_a_detector_of_logos(tmp_path: Path, marks: Marks) -> None:
    scenes = SceneRecipe(distractor_pool=6, validation_scenes=2)
    logos = [Example(path, (label,)) for path, label in write_logos(tmp_path)]
    train_brand_detector(
        logos,
        NAMES,
        tmp_path,
        SETTINGS,
        ignore,
        recipe=BRIEF_BRAND,
        scenes=scenes,
        machine=ON_GPU,
    )
    report = Artefact.read(tmp_path).report.detector
    assert report is not None
    assert report.held_out is not None
    assert report.held_out.pictures == 2
    assert len(marks) > 1000


def test_a_classifier(tmp_path: Path, marks: Marks) -> None:
    """Frozen features, then fine-tuning, and whichever is better is exported."""
    examples = hard_to_tell(tmp_path, seed=2)
    plain = ClassifierRecipe(
        (BackboneName.LITE0,), views=1, heads=HEADS[:2], fine_tuning=BRIEF_TUNING
    )
    train_classifier(examples, SHAPES, tmp_path, SETTINGS, ignore, recipe=plain, machine=ON_GPU)
    assert Artefact.read(tmp_path).report.trials[-1].method is Method.FINE_TUNING
    assert len(marks) > 1000


def test_a_detector_from_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D-FINE's loss is RT-DETR's and more."""
    examples = drawn_examples(tmp_path, 2, (1, 2), seed=1)
    network = load_hub_detector(str(saved_detector("d-fine", tmp_path)), len(SHAPES), [SIDES])
    candidate = HubCandidate(network, SHAPES, seed=0, recipe=BRIEF_HUB, machine=ON_GPU)
    with pretended_gpu(monkeypatch) as marks:
        candidate.learn_some(examples, tmp_path, 1e6, ignore)
    report = Artefact.read(tmp_path).report.detector
    assert report is not None
    assert report.iterations == 1
    assert len(marks) > 1000


def test_boxes_of_a_wide_frame_are_not_rounded() -> None:
    """As bfloat16, numbers from 512 to 1024 are 4 apart."""
    torch.manual_seed(0)
    network = Detector(load_backbone(BackboneName.LITE0), 2, torch.full((3, 2), 30.0)).eval()
    image = normalised(torch.randint(0, 256, (1, 64, 1024, 3), dtype=torch.uint8))
    with torch.no_grad():
        exact = network(image).boxes
        with HALF_PRECISION.mixed_precision():
            boxes = network(image).boxes
    assert boxes.dtype == torch.float32
    assert 0 < float((boxes - exact).abs().max()) < 1


def test_the_loss_of_a_detector_in_bfloat16_is_computed_in_float32() -> None:
    """What decides between boxes, and what they cost, is not rounded."""
    torch.manual_seed(0)
    network = Detector(load_backbone(BackboneName.LITE0), 2, torch.full((3, 2), 30.0))
    image = normalised(torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8))
    truth = GroundTruthBoxes(torch.tensor([[[8.0, 8.0, 56.0, 56.0]]]), torch.tensor([[1]]))
    points = torch.cat(grids_of((96, 64), torch.device("cpu")))
    with HALF_PRECISION.mixed_precision():
        predicted = network(image)
    scores, boxes = predicted.scores.detach(), predicted.boxes.detach()
    targets = TaskAlignedAssigner()(scores, boxes, points, truth)
    loss = detection_loss(predicted, targets, box_weight=2.0)
    computed = (scores, boxes, predicted.objectness, predicted.labels, loss)
    assert {one.dtype for one in (*computed, targets.quality, targets.boxes)} == {torch.float32}


def test_a_detector_learns_in_bfloat16(tmp_path: Path) -> None:
    """As test_drawn_shapes_are_learnt."""
    recipe = replace(SMALL, iterations=50)
    examples = drawn_examples(tmp_path, 24, (0, 2), seed=1)
    train_detector(
        examples, SHAPES, tmp_path, SETTINGS, ignore, recipe=recipe, machine=HALF_PRECISION
    )
    assert found_fraction(tmp_path, drawn_examples(tmp_path, 12, (1, 2), seed=2)) > 0.8


def test_fine_tuning_learns_in_bfloat16(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 24, (0, 2), seed=1)
    data = LabelledPictures.of(examples, len(SHAPES), 4, 0)
    said: list[Progress] = []
    small = replace(BRIEF_TUNING, iterations=16, warmup=4)
    try_fine_tuning(data, small, [0], said.append, HALF_PRECISION)
    losses = [progress.loss for progress in said if progress.loss is not None]
    assert losses[-1] < losses[0]
