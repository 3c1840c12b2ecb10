"""Converts CSV of image-level labels to manifest lines and back (manifests.md 1.7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from lensmith.manifest.convert.draft import Draft, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import image_level
from lensmith.manifest.line.entry import is_source_ref

Row = list[str]  # image, labels


def read_rows(data: bytes) -> list[Row]:
    """Read the rows that name an image.

    Raises UnreadableSourceError when the data is not CSV, mixes file names with S3 locations or
    has labels without an image.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(f"not UTF-8: {error}; save the file as UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            if any(row) and not row[0]:
                raise UnreadableSourceError(
                    f"line {reader.line_num} has labels but no image in its first column"
                )
            if any(row):
                rows.append(row)
    except csv.Error as error:
        raise UnreadableSourceError(f"line {reader.line_num} is not CSV: {error}") from error
    _refuse_mixture(rows)
    return rows


def split_duplicates(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Separate the first row of each image from all later ones."""
    first: dict[str, Row] = {}
    later = []
    for row in rows:
        if first.setdefault(row[0], row) is not row:
            later.append(row)
    return list(first.values()), later


def csv_drafts(rows: Iterable[Row], created: str) -> Iterator[Draft]:
    """Yield a draft a row; a row without labels gives a line without attributes."""
    for image, *labels in rows:
        yield Draft(image, image_level((label for label in labels if label), created))


def write_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV text in the form that `read_rows` reads."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)  # ends rows by \r\n, so that both are quoted in cells
    return text.getvalue().encode()


def _refuse_mixture(rows: Sequence[Row]) -> None:
    kinds = {is_source_ref(row[0]): row[0] for row in rows}
    if len(kinds) > 1:
        raise UnreadableSourceError(
            f"the first column mixes file names ({kinds[False]}) with S3 locations "
            f"({kinds[True]}); use one of the two in one file"
        )
