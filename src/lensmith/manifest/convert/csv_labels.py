"""Converts CSV of image-level labels to manifest lines and back (manifests.md 1.7)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from lensmith.manifest.convert.draft import Draft, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import image_level

Row = list[str]  # image, labels


def read_rows(data: bytes) -> list[Row]:
    """Read the rows that are not empty, separated by commas, or else by semicolons or tabs.

    Raises UnreadableSourceError when the data is not CSV.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSourceError(f"not UTF-8: {error}; save the file as UTF-8") from error
    rows = _split(text, ",")
    if all(len(row) == 1 for row in rows):
        for delimiter in ";\t":
            if rows and all(delimiter in row[0] for row in rows):
                return _split(text, delimiter)
    return rows


def _split(text: str, delimiter: str) -> list[Row]:
    reader = csv.reader(
        io.StringIO(text, newline=""), strict=True, delimiter=delimiter, skipinitialspace=True
    )
    try:
        return [row for row in reader if any(row)]
    except csv.Error as error:
        raise UnreadableSourceError(f"line {reader.line_num} is not CSV: {error}") from error


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
    """Write CSV text in the form that `read_rows` reads."""
    text = io.StringIO(newline="")
    plain = csv.writer(text)  # ends rows by \r\n, so that both are quoted in cells
    quoted = csv.writer(text, quoting=csv.QUOTE_ALL)  # keeps a space at the beginning of a cell
    for row in rows:
        (quoted if any(cell.startswith(" ") for cell in row) else plain).writerow(row)
    return text.getvalue().encode()
