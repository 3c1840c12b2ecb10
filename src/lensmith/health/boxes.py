"""Boxes that teach little or the wrong thing, judged one entry at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from lensmith.domain.geometry import Box
from lensmith.health.entry import Entry, MarkedBox
from lensmith.health.findings import Findings
from lensmith.health.kind import Kind
from lensmith.health.report import Item

TINY_SHARE = 0.01  # of the side of the frame
TINY_PIXELS = 8  # a side after the training resize: the finest step of a detector
TRAINING_SIDE = 1280  # pixels; longer images are scaled down to it
WHOLE_SHARE = 0.95  # of the area
BORDER_PIXELS = 0.5
SAME_OVERLAP = 0.95  # intersection over union


def check_boxes(entry: Entry, findings: Findings) -> None:
    """Add what is odd about the boxes of one entry."""
    for marked in entry.boxes:
        for kind in _oddities(marked):
            findings.add(kind, _item(entry, marked))
    for marked in _repeated(entry.boxes):
        findings.add(Kind.DUPLICATE_BOXES, _item(entry, marked))


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def _oddities(marked: MarkedBox) -> Iterator[Kind]:
    box = marked.box
    if box.width * box.height >= WHOLE_SHARE:
        yield Kind.WHOLE_IMAGE_BOXES
        return
    if _is_tiny(marked):
        yield Kind.TINY_BOXES
    if _touches_border(marked):
        yield Kind.BOXES_AT_BORDER


def _is_tiny(marked: MarkedBox) -> bool:
    box, frame = marked.box, marked.frame
    if min(box.width, box.height) < TINY_SHARE:
        return True
    scale = min(1.0, TRAINING_SIDE / max(frame))
    return min(box.width * frame.width, box.height * frame.height) * scale < TINY_PIXELS


def _touches_border(marked: MarkedBox) -> bool:
    box, frame = marked.box, marked.frame
    across, down = BORDER_PIXELS / frame.width, BORDER_PIXELS / frame.height
    return (
        box.left < across
        or box.top < down
        or box.left + box.width > 1 - across
        or box.top + box.height > 1 - down
    )


def _repeated(boxes: Sequence[MarkedBox]) -> Iterator[MarkedBox]:
    """Every box that an earlier one of its label, from left to right, nearly equals."""
    by_label: defaultdict[str, list[MarkedBox]] = defaultdict(list)
    for marked in sorted(boxes, key=lambda marked: marked.box.left):
        kept = by_label[marked.label]
        if any(overlap(marked.box, other.box) > SAME_OVERLAP for other in _near(kept, marked.box)):
            yield marked
        kept.append(marked)


def _near(kept: Sequence[MarkedBox], box: Box) -> Iterator[MarkedBox]:
    """Those whose left edge is near enough for such an overlap; `kept` goes from left to right."""
    for other in reversed(kept):
        if box.left - other.box.left > 1 - SAME_OVERLAP:  # even of boxes as wide as the frame
            return
        yield other


def _item(entry: Entry, marked: MarkedBox) -> Item:
    width, height = marked.box.width * marked.frame.width, marked.box.height * marked.frame.height
    at = f"{marked.box.left * marked.frame.width:.0f}, {marked.box.top * marked.frame.height:.0f}"
    detail = f"{width:.0f} x {height:.0f} px at {at}"
    return Item(entry.dataset, entry.source_ref, marked.label, detail)
