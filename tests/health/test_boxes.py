from __future__ import annotations

import pytest
from tests.health.conftest import FRAME, TRAIN, Exam, marked

from lensmith.domain.geometry import Box
from lensmith.health.boxes import box_iou
from lensmith.health.entry import CheckedEntry, Frame, FramedBox
from lensmith.health.finding_kind import FindingKind


def test_an_ordinary_box_draws_no_finding(exam: Exam) -> None:
    exam.entries(TRAIN, 10, "a")
    exam.boxed(marked(100, 100, 200, 100))
    assert not [kind for kind in exam.findings() if "box" in kind.value]


@pytest.mark.parametrize(
    ("left", "top", "width", "height"),
    [(0, 9, 90, 90), (9, 0, 90, 90), (550, 9, 90, 90), (9, 390, 90, 90)],
)
def test_boxes_at_each_border(
    exam: Exam, left: float, top: float, width: float, height: float
) -> None:
    exam.boxed(marked(left, top, width, height))
    (item,) = exam.findings()[FindingKind.BOXES_AT_BORDER].items
    assert item.source_ref == "s3://b/boxed.jpg"
    assert item.label == "a"
    assert item.detail == f"{width:.0f} x {height:.0f} px at {left:.0f}, {top:.0f}"


def test_a_box_a_pixel_inside_does_not_touch_the_border(exam: Exam) -> None:
    exam.boxed(marked(1, 1, 638, 200))
    assert FindingKind.BOXES_AT_BORDER not in exam.findings()


@pytest.mark.parametrize(
    ("frame", "side", "is_tiny"),
    [
        (Frame(640, 480), 7.9, True),  # pixels
        (Frame(640, 480), 8.1, False),
        (Frame(1000, 1000), 9.9, True),  # a hundredth of the frame
        (Frame(4000, 4000), 39.0, True),
        (Frame(4000, 4000), 41.0, False),
        (Frame(4000, 400), 24.0, True),  # 6 per cent of the height, 7.7 px when scaled down
        (Frame(4000, 400), 41.0, False),
    ],
)
def test_tiny_boxes(exam: Exam, frame: Frame, side: float, is_tiny: bool) -> None:
    box = Box(0.2, 0.2, side / frame.width, side / frame.height)
    exam.boxed(FramedBox("a", box, frame))
    assert (FindingKind.TINY_BOXES in exam.findings()) is is_tiny


def test_a_box_around_everything_is_no_box_at_the_border(exam: Exam) -> None:
    exam.boxed(marked(0, 0, 640, 470))
    findings = exam.findings()
    assert findings[FindingKind.WHOLE_IMAGE_BOXES].count == 1
    assert FindingKind.BOXES_AT_BORDER not in findings


def test_repeated_boxes_of_one_label_are_found_wherever_they_stand_in_the_line(
    exam: Exam,
) -> None:
    exam.boxed(
        marked(100, 100, 200, 100),
        marked(20, 20, 300, 300),
        marked(101, 100, 200, 100, "b"),
        marked(101, 101, 200, 100),
        marked(100, 100, 200, 100),
    )
    assert exam.findings()[FindingKind.DUPLICATE_BOXES].count == 2


def test_boxes_that_overlap_by_less_are_two_objects(exam: Exam) -> None:
    exam.boxed(marked(100, 100, 200, 100), marked(106, 100, 200, 100))  # IoU 0.94
    assert FindingKind.DUPLICATE_BOXES not in exam.findings()


def test_overlap() -> None:
    assert box_iou(Box(0, 0, 0.5, 0.5), Box(0.25, 0, 0.5, 0.5)) == pytest.approx(1 / 3)
    assert box_iou(Box(0, 0, 0.5, 0.5), Box(0.5, 0, 0.5, 0.5)) == 0


def test_only_the_first_hundred_are_named_and_all_are_counted(exam: Exam) -> None:
    boxes = tuple(marked(0, 9 * number, 60, 9) for number in range(50))
    for number in range(5):
        exam.check.add_entry(CheckedEntry(TRAIN, f"s3://b/{number}.jpg", True, (), boxes))
    finding = exam.findings()[FindingKind.BOXES_AT_BORDER]
    assert finding.count == 250
    assert len(finding.items) == 100
    assert FRAME.width == 640
