from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from PIL import Image
from tests.training.brand.drawn_logos import NAMES, stencil, write_logos
from tests.training.detector.counted_time import CountedTime

from lensmith.domain.geometry import Box
from lensmith.domain.job import OnProgress, Progress
from lensmith.domain.training_report import EndReason
from lensmith.inference.artefact import NETWORK_FILE, Artefact, Task
from lensmith.inference.network import load_network
from lensmith.inference.predictor import Predictor
from lensmith.training.brand.recipe import SceneRecipe
from lensmith.training.brand.train import brand_recipe, train_brand_detector
from lensmith.training.data.example import Example
from lensmith.training.detector.network import STRIDES
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector_selection.recipe import SelectionRecipe
from lensmith.training.detector_selection.train import train_best_detector
from lensmith.training.device import this_machine
from lensmith.training.settings import TrainingSettings

SMALL = DetectorRecipe(
    input_size=(192, 192),
    view=(128, 128),
    iterations=50,
    guard_seconds=300.0,
    warmup=10,
    mosaic=0.0,
)


def examples(folder: Path) -> list[Example]:
    return [Example(path, (label,)) for path, label in write_logos(folder)]


def wall(folder: Path, rng: Generator) -> tuple[Path, list[tuple[str, Box]]]:
    """Both marks on bricks, in a colour that the logos do not have."""
    picture = Image.new("RGB", (240, 180), (150, 140, 128))
    for left in range(0, 240, 40):
        brick = tuple((130 + rng.integers(-14, 14, 3)).tolist())
        picture.paste(brick, (left, int(rng.integers(0, 120)), left + 36, 180))
    boxes = []
    for place, name in enumerate(NAMES):
        side = int(rng.integers(48, 84))
        left, top = 120 * place + int(rng.integers(4, 116 - side)), int(rng.integers(4, 90))
        picture.paste((20, 70, 40), (left, top), stencil(name).resize((side, side)))
        boxes.append((name, Box(left / 240, top / 180, side / 240, side / 180)))
    path = folder / f"wall-{rng.integers(1 << 30)}.png"
    picture.save(path)
    return path, boxes


def overlap(a: Box, b: Box) -> float:
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    shared = max(across, 0) * max(down, 0)
    return shared / (a.width * a.height + b.width * b.height - shared)


def best_found(predictor: Predictor, path: Path) -> dict[str, Box]:
    """The most confident box of every label."""
    found: dict[str, Box] = {}
    for detection in predictor.predict(path.read_bytes()).detections:
        if detection.box is not None:
            found.setdefault(detection.name, detection.box)
    return found


def test_marks_are_found_where_training_never_saw_them(tmp_path: Path) -> None:
    scenes = SceneRecipe(distractor_pool=12, validation_scenes=12)
    recipe = SelectionRecipe(logos=SMALL, scenes=scenes)
    directory = tmp_path / "model"
    directory.mkdir()
    told: list[Progress] = []
    train_best_detector(  # labels without boxes make it the brand case
        examples(tmp_path),
        NAMES,
        directory,
        TrainingSettings(threads=1),
        told.append,
        recipe=recipe,
    )
    predictor, rng = Predictor.open(directory, threads=1), default_rng(0)
    right = []
    for _ in range(8):
        path, boxes = wall(tmp_path, rng)
        found = best_found(predictor, path)
        right += [name in found and overlap(found[name], box) > 0.5 for name, box in boxes]
    assert np.mean(right) > 0.7
    artefact = Artefact.read(directory)
    assert (artefact.task, artefact.labels) == (Task.DETECTION, NAMES)
    assert artefact.input_size == SMALL.input_size
    report = artefact.report.detector
    assert report is not None
    assert report.logos
    assert report.iterations == told[-1].step == SMALL.iterations
    assert report.held_out is not None
    assert report.held_out.average_precision > 0.3


SHORT = DetectorRecipe((128, 64), (64, 64), iterations=2, guard_seconds=60.0, mosaic=0.0)
FEW = SceneRecipe(distractor_pool=6, validation_scenes=2)


def train(
    folder: Path,
    directory: Path,
    recipe: DetectorRecipe,
    on_progress: OnProgress = lambda _: None,
    **options: Any,
) -> Artefact:
    settings = TrainingSettings(seed=4, threads=1)
    train_brand_detector(
        examples(folder),
        NAMES,
        directory,
        settings,
        on_progress,
        recipe=recipe,
        scenes=FEW,
        **options,
    )
    return Artefact.read(directory)


@pytest.fixture(scope="module")
def short_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("short")
    train(directory, directory, SHORT)
    return directory


def test_the_same_seed_gives_the_same_model(short_model: Path, tmp_path: Path) -> None:
    train(tmp_path, tmp_path, SHORT)
    assert (tmp_path / NETWORK_FILE).read_bytes() == (short_model / NETWORK_FILE).read_bytes()


def test_the_exported_network_looks_at_half_the_frame_too(short_model: Path) -> None:
    network = load_network(short_model, Artefact.read(short_model), threads=1)
    answers = network.run(np.zeros((1, 64, 128, 3), np.uint8))
    points = [
        width * height // side**2 for width, height in ((128, 64), (64, 32)) for side in STRIDES
    ]
    assert answers["boxes"].shape == (1, sum(points), 4)


def test_more_labels_train_longer() -> None:
    few, many = (brand_recipe(labels, TrainingSettings()) for labels in (2, 40))
    assert few.iterations < many.iterations
    assert brand_recipe(10_000, TrainingSettings()).iterations <= 3000
    assert brand_recipe(2, TrainingSettings(budget_seconds=60)).guard_seconds == 60


@pytest.mark.parametrize(
    ("spare", "ending"), [(1.0, EndReason.ALL_ITERATIONS), (-1.0, EndReason.OUT_OF_TIME)]
)
def test_the_budget_begins_with_the_training_and_keeps_time_for_the_export(
    tmp_path: Path, spare: float, ending: EndReason
) -> None:
    """Planning takes all of the time before the export, but for what is to spare."""
    clock = CountedTime(100.0)
    machine = replace(this_machine(), clock=clock)

    def take_time(progress: Progress) -> None:
        if progress.phase == "planning":
            clock.now += SHORT.guard_seconds - SHORT.ending_seconds - spare

    recipe = replace(SHORT, iterations=4)
    report = train(tmp_path, tmp_path, recipe, take_time, machine=machine).report
    assert report.detector is not None
    assert report.detector.ending is ending
