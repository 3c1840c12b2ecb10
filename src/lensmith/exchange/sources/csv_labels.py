"""A CSV file of image-level labels."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.sources.source import Source, read_file
from lensmith.manifest.convert.csv_columns import labelled_rows
from lensmith.manifest.convert.csv_labels import (
    csv_drafts,
    read_rows,
    split_duplicates,
    write_rows,
)
from lensmith.store.files import write_atomically


class RepeatedImagesError(ExchangeError):
    """An image has several rows; `found` says which, `fix` which files to look at."""

    def __init__(self, found: str, fix: str) -> None:
        super().__init__(f"{found} {fix}")
        self.found = found


def open_csv(file: Path, created: str) -> Source:
    """Open a CSV file of image-level labels.

    Raises RepeatedImagesError when an image is named twice, after writing the first and the
    repeated rows to two files beside it (manifests.md 1.7).
    """
    rows = labelled_rows(read_rows(read_file(file)))
    first, later = split_duplicates(rows)
    kept = file.with_name(f"{file.stem}-deduplicated.csv")
    repeated = file.with_name(f"{file.stem}-duplicates.csv")
    if later:
        write_atomically(kept, write_rows(first))
        write_atomically(repeated, write_rows(later))
        raise RepeatedImagesError(
            f"{file} names {len({row[0] for row in later})} images more than once, first "
            f"{later[0][0]}.",
            f"Look at {repeated}, then import {kept}, which has each image once.",
        )
    for stale in (kept, repeated):
        stale.unlink(missing_ok=True)
    return Source(csv_drafts(rows, created), f"{file.stem}.manifest")
