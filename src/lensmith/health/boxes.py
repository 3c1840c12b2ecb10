"""Finds boxes that teach little or the wrong thing, one entry at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from lensmith.domain.geometry import Box
from lensmith.health.entry import CheckedEntry, FramedBox
from lensmith.health.finding_kind import FindingKind
from lensmith.health.findings import Findings
from lensmith.health.report import Item

TINY_FRACTION = 0.01  # of the side of the frame
TINY_PIXELS = 8  # a side after the training resize: the finest step of a detector
TRAINING_SIDE = 1280  # pixels; longer images are scaled down to it
WHOLE_IMAGE_FRACTION = 0.95  # of the area
BORDER_PIXELS = 0.5
DUPLICATE_IOU = 0.95


def check_boxes(entry: CheckedEntry, findings: Findings) -> None:
    """Add the findings on the boxes of one entry."""
    for framed in entry.boxes:
        for kind in _faults(framed):
            findings.add(kind, _item(entry, framed))
    for framed in _repeated(entry.boxes):
        findings.add(FindingKind.DUPLICATE_BOXES, _item(entry, framed))


def box_iou(one: Box, other: Box) -> float:
    """Compute intersection over union of two boxes."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def _faults(framed: FramedBox) -> Iterator[FindingKind]:
    box = framed.box
    if box.width * box.height >= WHOLE_IMAGE_FRACTION:
        yield FindingKind.WHOLE_IMAGE_BOXES
        return
    if _is_tiny(framed):
        yield FindingKind.TINY_BOXES
    if _touches_border(framed):
        yield FindingKind.BOXES_AT_BORDER


def _is_tiny(framed: FramedBox) -> bool:
    box, frame = framed.box, framed.frame
    if min(box.width, box.height) < TINY_FRACTION:
        return True
    scale = min(1.0, TRAINING_SIDE / max(frame))
    return min(box.width * frame.width, box.height * frame.height) * scale < TINY_PIXELS


def _touches_border(framed: FramedBox) -> bool:
    box, frame = framed.box, framed.frame
    across, down = BORDER_PIXELS / frame.width, BORDER_PIXELS / frame.height
    return (
        box.left < across
        or box.top < down
        or box.left + box.width > 1 - across
        or box.top + box.height > 1 - down
    )


def _repeated(boxes: Sequence[FramedBox]) -> Iterator[FramedBox]:
    """Yield every box that nearly equals an earlier one of its label, from left to right."""
    by_label: defaultdict[str, list[FramedBox]] = defaultdict(list)
    for framed in sorted(boxes, key=lambda framed: framed.box.left):
        kept = by_label[framed.label]
        if any(box_iou(framed.box, other.box) > DUPLICATE_IOU for other in _near(kept, framed.box)):
            yield framed
        kept.append(framed)


def _near(kept: Sequence[FramedBox], box: Box) -> Iterator[FramedBox]:
    """Yield those whose left edge is near enough for such an IoU; `kept` is sorted by it."""
    for other in reversed(kept):
        if box.left - other.box.left > 1 - DUPLICATE_IOU:  # even of boxes as wide as the frame
            return
        yield other


def _item(entry: CheckedEntry, framed: FramedBox) -> Item:
    width, height = framed.box.width * framed.frame.width, framed.box.height * framed.frame.height
    at = f"{framed.box.left * framed.frame.width:.0f}, {framed.box.top * framed.frame.height:.0f}"
    detail = f"{width:.0f} x {height:.0f} px at {at}"
    return Item(entry.dataset, entry.source_ref, framed.label, detail)
