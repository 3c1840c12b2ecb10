from __future__ import annotations

from pathlib import Path

import pytest

from lensmith.domain.detector_size import DetectorSize
from lensmith.domain.geometry import Box
from lensmith.training.backbone import BackboneName
from lensmith.training.data.example import Example
from lensmith.training.detector.recipe import (
    MAX_ITERATIONS,
    MIN_ITERATIONS,
    detector_input_size,
    detector_recipe,
    detector_view,
)
from lensmith.training.settings import TrainingSettings


def boxed(side: float, count: int = 20) -> list[Example]:
    box = Box(0.1, 0.1, side, side)
    return [Example(Path("x.png"), (0,), ((0, box),)) for _ in range(count)]


@pytest.mark.parametrize(
    ("size", "input_size"),
    [
        ((640, 480), (512, 384)),
        ((500, 500), (448, 448)),
        ((480, 640), (384, 512)),
        ((100, 100), (320, 320)),
        ((4000, 500), (640, 320)),  # no frame is more than twice as long as wide
    ],
)
def test_the_frame_takes_the_shape_of_the_pictures(
    size: tuple[int, int], input_size: tuple[int, int]
) -> None:
    assert detector_input_size(boxed(0.3), [size] * 20) == input_size


def test_small_boxes_get_a_larger_frame_up_to_a_limit() -> None:
    sizes = [(500, 500)] * 20
    assert detector_input_size(boxed(0.08), sizes) == (448, 448)
    assert detector_input_size(boxed(0.06), sizes) == (544, 544)
    assert detector_input_size(boxed(0.01), sizes) == (640, 640)  # as much as the pictures can give
    assert detector_input_size(boxed(0.01), [(4000, 4000)] * 20) == (1408, 1408)


@pytest.mark.parametrize(
    ("side", "input_size", "view"),
    [
        (0.05, (640, 640), (320, 320)),
        (0.3, (640, 640), (320, 320)),
        (0.4, (640, 640), (384, 384)),
        (0.6, (640, 640), (640, 640)),
        (0.05, (384, 288), (384, 288)),
        (0.05, (640, 288), (320, 288)),
    ],
)
def test_training_looks_at_a_part_with_room_around_large_boxes(
    side: float, input_size: tuple[int, int], view: tuple[int, int]
) -> None:
    assert detector_view(boxed(side), input_size) == view


def test_one_label_of_small_boxes_is_enough() -> None:
    small = [Example(Path("x.png"), (1,), ((1, Box(0, 0, 0.05, 0.05)),))]
    assert detector_input_size(boxed(0.5) + small, [(500, 500)] * 21)[0] > 500


def test_pictures_without_boxes_get_the_usual_frame() -> None:
    assert detector_input_size([Example(Path("x.png"), ())], [(500, 500)]) == (448, 448)


@pytest.mark.parametrize(
    ("pictures", "iterations"),
    [(5, MIN_ITERATIONS), (150, 1500), (5000, MAX_ITERATIONS)],
)
def test_iterations_grow_with_the_pictures(pictures: int, iterations: int) -> None:
    recipe = detector_recipe(boxed(0.3, pictures), [(500, 500)] * pictures, TrainingSettings())
    assert recipe.iterations == iterations


def test_the_time_budget_guards() -> None:
    settings = TrainingSettings(budget_seconds=33.0)
    assert detector_recipe(boxed(0.3), [(500, 500)] * 20, settings).guard_seconds == 33.0


@pytest.mark.parametrize(
    ("box", "size", "input_size", "view"),
    [
        (0.3, (640, 480), (640, 480), (416, 416)),  # the pictures have no more
        (0.3, (1600, 1200), (704, 512), (416, 416)),
        (0.01, (4000, 4000), (1408, 1408), (416, 416)),
        (0.6, (500, 500), (512, 512), (512, 512)),
    ],
)
def test_a_large_detector_sees_larger_frames_and_more_of_them(
    box: float, size: tuple[int, int], input_size: tuple[int, int], view: tuple[int, int]
) -> None:
    sizes = [size] * 20
    small, large = (
        detector_recipe(boxed(box), sizes, TrainingSettings(detector_size=chosen))
        for chosen in DetectorSize
    )
    assert (large.input_size, large.view) == (input_size, view)
    assert (large.backbone, large.batch) == (BackboneName.LITE2, 2 * small.batch)
    assert large.iterations == small.iterations


def test_a_view_has_room_for_long_boxes_and_those_of_rare_labels() -> None:
    few = [((1, Box(0.1, 0.1, 0.7, 0.1)),), ((1, Box(0.2, 0.1, 0.72, 0.1)),)]
    wires = [Example(Path("x.png"), (1,), boxes) for boxes in few]
    assert detector_view([*boxed(0.05, 200), *wires], (640, 640)) == (512, 512)
    assert detector_view([*boxed(0.05, 200), *wires], (1408, 1408)) == (640, 640)
