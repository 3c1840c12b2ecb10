"""Tells what the columns of a CSV file of labels mean: header, one column a label, names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lensmith.manifest.convert.csv_labels import Row
from lensmith.manifest.convert.draft import UnreadableSourceError
from lensmith.manifest.line.entry import is_source_ref

_PICTURE = re.compile(r"\.(png|jpe?g|bmp|tiff?|webp|gif|heic|avif)$", re.IGNORECASE)
_IMAGE_COLUMNS = frozenset(
    {"image", "images", "filename", "file_name", "file", "path", "filepath", "file_path"}
    | {"image_name", "image_path", "image_file", "image_url", "imagename", "imagepath", "img"}
    | {"img_path", "name", "uri", "url", "source-ref", "source_ref", "image_id", "imageid"}
)
_LABEL_COLUMNS = re.compile(
    r"(image_?)?(labels?|class(es)?|category|categories|tags?)([ _-]?(name|\d+))?"
)
_LISTS = frozenset({"labels", "classes", "categories", "tags"})  # several in one cell
_BETWEEN = re.compile(r"\s*[,;|]\s*")
_BOX_COLUMNS = frozenset({"xmin", "ymin", "xmax", "ymax", "x_min", "x1", "bbox", "bbox_x", "left"})
_SHAPES = frozenset({"bbox", "region_shape_attributes", "segmentation", "polygon"})
_NO_LABELS = frozenset(  # columns about the row or the image
    {"", "#", "id", "index", "idx", "unnamed: 0", "split", "set", "subset", "fold"}
    | {"width", "height", "unlabeled", "unlabelled"}
)
_NUMBERS = frozenset({"0", "0.0", "false", "1", "1.0", "true", "-1"})
_ZERO = frozenset({"0", "0.0"})
_WORDS = frozenset({"yes", "no", "y", "n", "t", "f", "x"})
_YES = frozenset({"1", "1.0", "true", "yes", "y", "t", "x"})
_BOX_SIDES = 4
_CONFIDENCE = "confidence"  # 0 where people said that the label does not apply


def labelled_rows(rows: Sequence[Row]) -> list[Row]:
    """Return a row an image: its name and its labels, without the spaces around them.

    Raises UnreadableSourceError for boxes, labels without an image, columns of 0 and 1 without
    names, and file names mixed with S3 locations.
    """
    rows = [[cell.strip() for cell in row] for row in rows]
    header = rows[0] if rows and _is_header(rows) else None
    rows = rows if header is None else rows[1:]
    if header is not None:
        rows = _by_header(header, rows)
    else:
        _refuse_nameless([row[1:] for row in rows])
    for number, row in enumerate(rows, 1 if header is None else 2):
        if not row[0]:
            raise UnreadableSourceError(
                f"line {number} has labels but no image in its first column"
            )
    _refuse_mixture(rows)
    return rows


def _refuse_nameless(rows: Sequence[Row]) -> None:
    """Raises UnreadableSourceError for columns whose meaning only a header could tell."""
    if _is_one_hot(rows, at_least=2):
        raise UnreadableSourceError(
            "its columns hold only 0 and 1; add a first row with the name of each column's label"
        )
    sides = [sum(_is_number(cell) for cell in row) for row in rows]
    if sides and min(sides) >= _BOX_SIDES:
        raise UnreadableSourceError(
            "every row has four numbers or more, as of a box, and csv takes only labels of whole "
            "images; export the set as COCO, YOLO or VOC"
        )


def _is_header(rows: Sequence[Row]) -> bool:
    if any(_is_image(cell) for cell in rows[0]):
        return False
    named = any(cell.lower() in _IMAGE_COLUMNS for cell in rows[0])
    return named or any(_is_image(cell) for row in rows[1:] for cell in row)


def _is_image(cell: str) -> bool:
    return is_source_ref(cell) or _PICTURE.search(cell) is not None


def _by_header(header: Row, rows: Sequence[Row]) -> list[Row]:
    names = [cell.lower() for cell in header]
    if len(_BOX_COLUMNS.intersection(names)) > 1 or not _SHAPES.isdisjoint(names):
        raise UnreadableSourceError(
            "it has columns of boxes, and csv takes only labels of whole images; "
            "export the set as COCO, YOLO or VOC"
        )
    image = next((place for place, name in enumerate(names) if name in _IMAGE_COLUMNS), 0)
    rows = [row + [""] * (len(header) - len(row)) for row in rows]
    places = [
        place for place, name in enumerate(names) if place != image and name not in _NO_LABELS
    ]
    labelled = [place for place in places if _LABEL_COLUMNS.fullmatch(names[place])]
    if labelled:
        return [_named(row, image, labelled, names) for row in rows]
    cells = [[row[place] for place in places] for row in rows]
    if _is_one_hot(cells, at_least=1):
        return [
            [row[image], *(header[place] for place in places if row[place].lower() in _YES)]
            for row in rows
        ]
    if len(places) > 1 and all(_is_number(cell) for row in cells for cell in row):
        raise UnreadableSourceError(
            "its columns hold numbers other than 0 and 1; write 1 where a label applies, else 0"
        )
    return [[row[image], *(row[place] for place in places), *row[len(header) :]] for row in rows]


def _named(row: Row, image: int, labelled: Sequence[int], names: Sequence[str]) -> Row:
    if _CONFIDENCE in names and row[names.index(_CONFIDENCE)] in _ZERO:
        return [row[image]]
    return [row[image], *_labels(row, labelled, names), *row[len(names) :]]


def _labels(row: Row, places: Sequence[int], names: Sequence[str]) -> list[str]:
    """Return the labels in these columns; a column of `labels` may hold several in a cell."""
    return [
        label
        for place in places
        for label in (_BETWEEN.split(row[place]) if names[place] in _LISTS else [row[place]])
    ]


def _is_one_hot(rows: Sequence[Row], *, at_least: int) -> bool:
    """Return whether every cell says yes or no, in as many columns each.

    Words do so in several columns only: a single one may well hold the labels yes and no.
    """
    width = len(rows[0]) if rows else 0
    cells = {cell.lower() for row in rows for cell in row} - {""}
    known = _NUMBERS | _WORDS if width > 1 else _NUMBERS
    is_even = width >= at_least and all(len(row) == width for row in rows)
    return is_even and bool(cells) and cells <= known


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse_mixture(rows: Sequence[Row]) -> None:
    kinds = {is_source_ref(row[0]): row[0] for row in rows}
    if len(kinds) > 1:
        raise UnreadableSourceError(
            f"the first column mixes file names ({kinds[False]}) with S3 locations "
            f"({kinds[True]}); use one of the two in one file"
        )
