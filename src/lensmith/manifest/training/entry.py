"""Valid lines cut down to the labels of the use case (manifests.md 4.2, 4.3)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from msgspec import Struct

from lensmith.manifest.line.entry import BoxSet, Entry
from lensmith.manifest.line.validate import CheckedLine
from lensmith.manifest.training.use_case import UseCase


class TrainingEntry(Struct, frozen=True, gc=False):
    """An image to train or test with."""

    entry: Entry  # with image labels or with boxes, as the use case requires
    index: int  # line in the manifest it came from, from 0
    line_number: int  # line of the part's validation manifest, from 1
    is_full_frame: bool = False  # brand case: boxes around the whole image, in a 1 x 1 frame


def usable_entries(
    lines: Sequence[CheckedLine], indices: Sequence[int], use_case: UseCase, brand: bool
) -> tuple[TrainingEntry, ...]:
    """Return the entries with labels in the format of the use case, in the order of the lines.

    In the `brand` case image labels count as boxes.
    """
    return tuple(
        TrainingEntry(usable, index, number, brand)
        for number, (index, line) in enumerate(zip(indices, lines, strict=True), 1)
        if line.entry is not None
        and (usable := _restricted(line.entry, use_case, brand)) is not None
    )


def _restricted(entry: Entry, use_case: UseCase, brand: bool) -> Entry | None:
    if brand:
        return _full_frame(entry)
    if use_case is UseCase.IMAGE_LEVEL_LABELS:
        if not entry.image_labels:
            return None
        return Entry(entry.source_ref, entry.image_labels, ()) if entry.box_sets else entry
    if not entry.box_sets:
        return None
    return Entry(entry.source_ref, (), entry.box_sets) if entry.image_labels else entry


def _full_frame(entry: Entry) -> Entry | None:
    boxes = tuple(
        BoxSet(
            1.0,
            1.0,
            (label.name,),
            array("d", (0.0, 0.0, 1.0, 1.0)),
            label.human_annotated,
            label.creation_date,
            label.job_name,
        )
        for label in entry.image_labels
    )
    return Entry(entry.source_ref, (), boxes) if boxes else None
