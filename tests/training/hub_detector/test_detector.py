"""Tiny D-FINE and RT-DETR v2 from disk: our labels, our frame, their loss, one ONNX file."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from safetensors.torch import load_file, save_file
from tests.training.drawn import SHAPES, SIDES, drawn_examples
from tests.training.hub_detector.tiny_detectors import FAMILIES, SIDE, saved_detector
from torch import Tensor, nn

from lensmith.domain.job import Progress
from lensmith.domain.training_report import Calibration, EndReason, HeldOut, SkipReason
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.predictor import Predictor
from lensmith.training.budget import TimeBudget
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.calibration import BoxCalibration
from lensmith.training.detector.validation import BoxValidation
from lensmith.training.device import this_machine
from lensmith.training.errors import DivergedError, TooSlowError
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.load import load_hub_backbone
from lensmith.training.hub.pixels import ExpectedPixels
from lensmith.training.hub_detector.candidate import HubCandidate
from lensmith.training.hub_detector.detector import HubDetector
from lensmith.training.hub_detector.fit import fit_hub_detector
from lensmith.training.hub_detector.load import load_hub_detector
from lensmith.training.hub_detector.recipe import HubDetectorRecipe, cut_to, hub_detector_recipe
from lensmith.training.hub_detector.schedule import CosineSchedule

SHORT = HubDetectorRecipe(iterations=3, more_iterations=2, batch=2, learning_rate=1e-3)
FRAME = (64, 64)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {family: saved_detector(family, tmp_path_factory.mktemp(family)) for family in FAMILIES}


@pytest.fixture(scope="module")
def detectors(folders: dict[str, Path]) -> dict[str, HubDetector]:
    """Loaded once, since each is proved by an export; whoever trains one takes a copy."""
    return {family: loaded(folder) for family, folder in folders.items()}


def loaded(folder: Path) -> HubDetector:
    torch.manual_seed(0)
    return load_hub_detector(str(folder), len(SHAPES), [SIDES])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_detector_learns_and_is_served(
    family: str,
    detectors: dict[str, HubDetector],
    tmp_path: Path,
) -> None:
    examples = drawn_examples(tmp_path, 4, (0, 2), seed=1)
    candidate = HubCandidate(deepcopy(detectors[family]), SHAPES, seed=0, recipe=SHORT)
    model = tmp_path / "model"
    model.mkdir()
    progress: list[Progress] = []
    candidate.learn_some(examples, model, 1e6, progress.append)
    validation = BoxValidation(4, 0.25, BoxCalibration(0.5, -1.0))
    candidate.learn_more(examples, validation, model, 1e6, progress.append)
    steps = [(seen.step, seen.steps) for seen in progress]
    assert steps == [(1, 3), (2, 3), (3, 3), (1, 2), (2, 2)]
    assert all(seen.loss and seen.eta_seconds is not None for seen in progress)
    artefact = Artefact.read(model)
    assert (artefact.task, artefact.labels) == (Task.DETECTION, SHAPES)
    assert artefact.input_size == FRAME
    report = artefact.report.detector
    assert report is not None
    assert report.detector == detectors[family].name
    assert report.calibration == Calibration(slope=0.5, offset=-1.0)
    assert report.held_out == HeldOut(pictures=4, average_precision=0.25)
    assert (report.iterations, report.ending) == (5, EndReason.ALL_ITERATIONS)
    assert report.cut is None
    found = Predictor.open(model, threads=1).predict(examples[0].image.read_bytes())
    assert {detection.name for detection in found.detections} <= set(SHAPES)
    assert all(detection.box is not None for detection in found.detections)


def test_what_the_budget_leaves_out_is_reported(
    detectors: dict[str, HubDetector], tmp_path: Path
) -> None:
    examples = drawn_examples(tmp_path, 4, (0, 2), seed=1)
    seconds = count()
    machine = replace(this_machine(), clock=lambda: float(next(seconds)))
    detector = deepcopy(detectors["rt-detr-v2"])
    candidate = HubCandidate(detector, SHAPES, seed=0, recipe=SHORT, machine=machine)
    model = tmp_path / "model"
    model.mkdir()
    candidate.learn_some(examples, model, 1e6, lambda _: None)
    validation = BoxValidation(4, 0.25, BoxCalibration(0.5, -1.0))
    candidate.learn_more(examples, validation, model, 0.0, lambda _: None)
    report = Artefact.read(model).report.detector
    assert report is not None
    assert (report.iterations, report.ending) == (4, EndReason.OUT_OF_TIME)
    assert report.cut is not None
    assert (report.cut.iterations, report.cut.wanted_recall) == (1, None)
    assert report.cut.seconds >= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_what_transformers_makes_of_them(
    family: str, detectors: dict[str, HubDetector]
) -> None:
    from transformers import RTDetrImageProcessorPil

    detector = deepcopy(detectors[family])
    images = torch.randint(0, 256, (2, 64, 96, 3), dtype=torch.uint8)
    network: nn.Module = detector._network
    with torch.no_grad():
        boxes, scores = detector(images)
        raw = network(pixel_values=images.permute(0, 3, 1, 2) / 255)
    expected = RTDetrImageProcessorPil().post_process_object_detection(
        raw, threshold=0.0, target_sizes=[(1, 1), (1, 1)]
    )
    for row, image in enumerate(expected):
        assert np.ptp(scores[row].numpy()) > 1e-5
        best, order = scores[row].flatten().sort(descending=True)
        torch.testing.assert_close(image["scores"], best[: len(image["scores"])])
        place = order[: len(image["scores"])] // len(SHAPES)
        torch.testing.assert_close(image["boxes"].clamp(0, 1), boxes[row][place])


def test_truth_becomes_centres_in_fractions() -> None:
    asked: list[dict[str, Tensor]] = []

    class Asked(nn.Module):
        def forward(self, pixel_values: Tensor, labels: list[dict[str, Tensor]]) -> object:
            asked.extend(labels)
            return SimpleNamespace(loss=pixel_values.sum())

    pixels = ExpectedPixels.from_description({})
    detector = HubDetector("any", Asked(), pixels, (100, 50), labels=2)
    boxes = torch.tensor([[[10.0, 10.0, 30.0, 20.0], [0, 0, 0, 0]], [[0, 0, 0, 0], [0, 0, 0, 0]]])
    truth = GroundTruthBoxes(boxes, torch.tensor([[1, -1], [-1, -1]]))
    detector.loss(torch.zeros(2, 50, 100, 3, dtype=torch.uint8), truth)
    torch.testing.assert_close(asked[0]["boxes"], torch.tensor([[0.2, 0.3, 0.2, 0.2]]))
    assert asked[0]["class_labels"].tolist() == [1]
    assert asked[1]["boxes"].shape == (0, 4)


def test_the_same_seed_gives_the_same_weights(
    folders: dict[str, Path], detectors: dict[str, HubDetector], tmp_path: Path
) -> None:
    examples = drawn_examples(tmp_path, 4, (0, 1), seed=1)

    def learnt(detector: HubDetector) -> dict[str, Tensor]:
        torch.manual_seed(0)
        frames = DetectionBatches(
            examples, detector.input_size, detector.input_size, default_rng(1)
        )
        schedule = CosineSchedule(SHORT, 2, TimeBudget.from_now(1e6))
        fitted = fit_hub_detector(detector, frames, SHORT, schedule, lambda _: None)
        return fitted.network.state_dict()

    once, again = learnt(deepcopy(detectors["d-fine"])), learnt(loaded(folders["d-fine"]))
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_norms_keep_their_statistics(detectors: dict[str, HubDetector]) -> None:
    detector = deepcopy(detectors["rt-detr-v2"]).train()
    norms = [module for module in detector.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)


def test_the_backbone_learns_apart_from_the_rest(detectors: dict[str, HubDetector]) -> None:
    of_backbone, others = detectors["d-fine"].parts()
    assert of_backbone
    assert others
    assert not {id(one) for one in of_backbone} & {id(one) for one in others}


def test_weights_that_are_no_numbers_end_the_training(
    detectors: dict[str, HubDetector], tmp_path: Path
) -> None:
    detector = deepcopy(detectors["d-fine"])
    nn.init.constant_(detector.parts()[1][0], float("nan"))
    examples = drawn_examples(tmp_path, 2, (1, 1), seed=1)
    frames = DetectionBatches(examples, detector.input_size, detector.input_size, default_rng(1))
    schedule = CosineSchedule(SHORT, 1, TimeBudget.from_now(1e6))
    with pytest.raises(DivergedError, match="at iteration 1"):
        fit_hub_detector(detector, frames, SHORT, schedule, lambda _: None)


def test_the_clock_ends_a_training_that_has_begun(
    detectors: dict[str, HubDetector], tmp_path: Path
) -> None:
    detector = deepcopy(detectors["d-fine"])
    clock = count(1.0)  # a second passes whenever somebody looks
    schedule = CosineSchedule(SHORT, 1000, TimeBudget(12.0, 0.0, lambda: next(clock)))
    examples = drawn_examples(tmp_path, 2, (1, 1), seed=1)
    frames = DetectionBatches(examples, detector.input_size, detector.input_size, default_rng(1))
    progress: list[Progress] = []
    fitted = fit_hub_detector(detector, frames, SHORT, schedule, progress.append)
    assert fitted.iterations < 12
    assert fitted.ending is EndReason.OUT_OF_TIME
    assert progress[0].steps == 1000
    assert progress[-1].step == progress[-1].steps == fitted.iterations


def test_a_recipe_is_cut_to_the_time_or_refused() -> None:
    recipe = hub_detector_recipe(pictures=300)
    assert (recipe.iterations, recipe.more_iterations) == (1800, 600)
    assert cut_to(recipe, 0.1, 1e6) == recipe
    half = cut_to(recipe, 1.0, 900.0)
    assert (half.iterations, half.more_iterations) == (900, 300)
    with pytest.raises(TooSlowError, match="about 1800 seconds and may take 300"):
        cut_to(recipe, 1.0, 300.0)


def test_frames_have_the_pictures_shape() -> None:
    from lensmith.training.hub_detector.network import shaped_input_size

    assert shaped_input_size((640, 640), [(1600, 1200)] * 3 + [(10, 900)]) == (736, 544)
    assert shaped_input_size((640, 640), [(10, 900)]) == (448, 896)
    assert shaped_input_size((560, 560), [(1600, 1200)]) == (560, 560)


def refused(folder: Path) -> str:
    with pytest.raises(BackboneUnavailableError) as caught:
        load_hub_detector(str(folder), len(SHAPES), [SIDES])
    skipped = caught.value.skipped
    assert skipped.candidate == str(folder)
    assert "\n" not in skipped.detail
    return skipped.detail or skipped.reason.value


def test_a_detector_is_no_backbone(folders: dict[str, Path]) -> None:
    with pytest.raises(BackboneUnavailableError, match=SkipReason.IS_A_DETECTOR):
        load_hub_backbone(str(folders["d-fine"]))


def test_a_backbone_is_no_detector(tmp_path: Path) -> None:
    from transformers import ViTConfig

    ViTConfig().save_pretrained(tmp_path)
    assert refused(tmp_path) == SkipReason.IS_NO_DETECTOR


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    assert "config.json" in refused(tmp_path)


def test_a_detector_without_weights(tmp_path: Path) -> None:
    FAMILIES["d-fine"]().save_pretrained(tmp_path)
    assert "safetensors" in refused(tmp_path)


def changed(folder: Path, to: Path, tensor: str, value: Tensor | None) -> Path:
    weights = load_file(folder / "model.safetensors")
    weights.pop(tensor)
    save_file(weights | ({tensor: value} if value is not None else {}), to / "model.safetensors")
    (to / "config.json").write_bytes((folder / "config.json").read_bytes())
    return to


def test_weights_that_lack_a_layer(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = changed(folders["rt-detr-v2"], tmp_path, "model.enc_output.0.weight", None)
    assert "its weights lack 1 tensors" in refused(folder)


def test_weights_of_another_size(folders: dict[str, Path], tmp_path: Path) -> None:
    tensor = "model.enc_output.0.weight"
    folder = changed(folders["rt-detr-v2"], tmp_path, tensor, torch.zeros(16, 24))
    assert "its weights do not fit its description" in refused(folder)


def test_a_frame_with_fewer_places_than_candidates(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    from transformers import RTDetrV2ForObjectDetection

    folder = saved_detector("rt-detr-v2", tmp_path)
    config = RTDetrV2ForObjectDetection.from_pretrained(folder).config
    config.num_queries = SIDE * SIDE
    config.save_pretrained(folder)
    assert refused(folder)
