"""YOLO label files to boxes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.manifest.convert.draft import Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import PixelBox
from lensmith.manifest.convert.yolo import class_names, keypoint_numbers, read_boxes
from lensmith.manifest.line.box_rules import fault_of
from lensmith.manifest.line.finding import Code

_NAMES = {0: "bolt", 2: "nut"}


def read(text: str, size: tuple[int, int] = (200, 100)) -> list[PixelBox | Problem]:
    return list(read_boxes(text, size, _NAMES, "a.txt"))


def test_fractions_become_pixels() -> None:
    assert read("0 0.5 0.5 0.25 0.5\n\n2.0 0.1 0.2 0.05 0.1 0.93\n") == [
        PixelBox(0, 75, 25, 50, 50),
        PixelBox(2, 15, 15, 10, 10),
    ]


def test_a_polygon_becomes_the_box_around_it() -> None:
    assert read("0 0.5 0.1 0.25 0.5 0.75 0.3") == [PixelBox(0, 50, 10, 100, 40)]


@pytest.mark.parametrize(
    ("keypoints", "after"),
    [(4, "0.70 0.45 0.55 0.95"), (6, "0.45 0.45 2 0.55 0.55 1"), (0, "0.45 0.45 2 0.55 0.55 1")],
)
def test_keypoints_do_not_change_the_box(keypoints: int, after: str) -> None:
    line = f"0 0.5 0.5 0.25 0.5 {after}"
    assert list(read_boxes(line, (200, 100), _NAMES, "a.txt", keypoints)) == [
        PixelBox(0, 75, 25, 50, 50)
    ]
    short = list(read_boxes(f"{line} 1 1 1", (200, 100), _NAMES, "a.txt", 4))
    assert short == [Problem(ProblemKind.BAD_BOX, "a.txt, line 1")]


def test_numbers_far_from_the_frame_are_no_polygon() -> None:
    assert read("0 10 20 60 20 60 80") == [Problem(ProblemKind.BAD_BOX, "a.txt, line 1")]


def test_the_shape_of_keypoints() -> None:
    assert keypoint_numbers(None) is None
    assert keypoint_numbers("none") == 0
    assert keypoint_numbers(["17", "3"]) == 51
    for shape in ("x", ["2"], ["2", "4"], ["0", "2"]):
        with pytest.raises(UnreadableSourceError, match="kpt_shape"):
            keypoint_numbers(shape)


@pytest.mark.parametrize(
    "line",
    ["0", "0 1 1 1", "0 a b c d", "0 0 0 1e999 1", "0 nan 0 1 1", "0.5 0 0 1 1", "0 0 0 -1 1"],
)
def test_lines_that_are_no_box_are_named(line: str) -> None:
    assert read(f"\n{line}") == [Problem(ProblemKind.BAD_BOX, "a.txt, line 2")]


def test_classes_without_name_are_named() -> None:
    assert read("1 0.5 0.5 0.1 0.1") == [
        Problem(ProblemKind.UNKNOWN_CLASS, "a.txt, line 1, class 1")
    ]


@given(
    st.integers(64, 4096),
    st.integers(64, 4096),
    st.tuples(st.floats(0, 0.45), st.floats(0, 0.45), st.floats(0.55, 1), st.floats(0.55, 1)),
)
@settings(max_examples=200, deadline=None)
def test_six_digits_do_not_push_a_box_off_the_frame(
    width: int, height: int, corners: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = corners
    line = (
        f"0 {(left + right) / 2:.6f} {(top + bottom) / 2:.6f} {right - left:.6f} {bottom - top:.6f}"
    )
    (box,) = read(line, (width, height))
    assert isinstance(box, PixelBox)
    fault = fault_of(box.left, box.top, box.width, box.height, width, height)
    assert fault is not Code.ERROR_INVALID_BOUNDING_BOX


def test_a_box_far_off_the_frame_is_left_to_the_validator() -> None:
    assert read("0 0.0 0.5 0.5 0.5") == [PixelBox(0, -50, 25, 100, 50)]


def test_names_are_a_list_or_a_map() -> None:
    assert class_names(["a", "5"]) == {0: "a", 1: "5"}
    assert class_names({"3": "a", 1: "b"}) == {3: "a", 1: "b"}


@pytest.mark.parametrize("names", [None, "ab", 3, {"x": "a"}, {None: "a"}, [["a"]]])
def test_other_names_are_refused(names: object) -> None:
    with pytest.raises(UnreadableSourceError):
        class_names(names)
