"""Turns an accepted manifest line into an entry of the records."""

from __future__ import annotations

from lensmith.manifest.dataset.entry import DatasetLine
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import Mention


def new_entry(line: DatasetLine) -> NewEntry:
    """Make the entry with every label that the line mentions."""
    mentions = {name: _mention(line, name) for name in line.declared}
    return NewEntry(line.source_ref, line.text, line.is_labeled, line.has_errors, mentions)


def _mention(line: DatasetLine, name: str) -> Mention:
    # A malformed pair can name a label and yet not label the image.
    if not line.is_labeled or name not in line.labels:
        return Mention.DECLARED
    return Mention.ON_BOX if line.labels[name] else Mention.ON_IMAGE
