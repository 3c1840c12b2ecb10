"""Import, export, import: the same entries, as far as a format can hold them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exchange.workshop import (
    Json,
    boxes,
    exported,
    imported,
    picture,
    request,
    stable,
)

from lensmith.exchange.formats import ExportFormat, ImportFormat
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)

_SIZE = (200, 100)
_NOW = "2026-01-02T03:04:05"
_KEYS = ("tools/train/a.jpg", "tools/train/deep/b.png", "tools/train/é c.jpg")
_LABELS = ("bolt", "Mutter, groß", "<nut> & 'co'", "no")

_numbers = st.one_of(st.integers(0, 90), st.floats(0, 90, width=32))
# A box that ends less than a pixel below the frame counts as one that rounding has pushed there.
_box = st.builds(PixelBox, st.integers(0, 3), _numbers, _numbers, _numbers, _numbers).filter(
    lambda box: not 0 < box.top + box.height - _SIZE[1] < 1
)
_boxes = st.lists(_box, max_size=4)


def line(key: str, drawn: list[PixelBox]) -> Json:
    names = dict(enumerate(_LABELS))
    attributes = bounding_boxes(_SIZE, drawn, names, Origin(_NOW, "labeling-job/x"))
    return {"source-ref": f"s3://shop/{key}", **attributes}


_datasets = st.lists(_boxes, min_size=1, max_size=len(_KEYS)).map(
    lambda drawn: [line(key, each) for key, each in zip(_KEYS, drawn, strict=False)]
)


def with_images(lines: list[Json], folder: Path) -> None:
    """What a download of the images would leave: names below the folder that all share."""
    keys = [each["source-ref"].removeprefix("s3://shop/") for each in lines]
    shared = "tools/train/deep/" if len(keys) == 1 and "deep" in keys[0] else "tools/train/"
    for key in keys:
        picture(folder / key.removeprefix(shared), _SIZE)


@given(_datasets)
@settings(max_examples=25, deadline=None)
def test_coco_gives_back_every_number(lines: list[Json]) -> None:
    with tempfile.TemporaryDirectory() as name:
        exported(ExportFormat.COCO, lines, Path(name))
        again, staged = imported(request(ImportFormat.COCO, Path(name) / "coco.json"))
    assert staged.problems == []
    assert [each["source-ref"] for each in again] == [each["source-ref"] for each in lines]
    assert [boxes(each) for each in again] == [boxes(each) for each in lines]


@given(_datasets)
@settings(max_examples=15, deadline=None)
def test_yolo_gives_back_boxes_and_labels(lines: list[Json]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported(ExportFormat.YOLO, lines, folder)
        with_images(lines, folder / "images" / "train")
        first, staged = imported(request(ImportFormat.YOLO, folder))
        assert staged.problems == []
        exported(ExportFormat.YOLO, first, folder / "again")
        with_images(lines, folder / "again" / "images" / "train")
        second, _ = imported(request(ImportFormat.YOLO, folder / "again"))
    assert_alike(first, lines)
    assert stable(second) == stable(first), "the second round changes nothing"


@given(_datasets)
@settings(max_examples=15, deadline=None)
def test_voc_gives_back_boxes_and_labels(lines: list[Json]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exported(ExportFormat.VOC, lines, folder)
        with_images(lines, folder / "JPEGImages")
        first, staged = imported(request(ImportFormat.VOC, folder))
        assert staged.problems == []
        exported(ExportFormat.VOC, first, folder / "again")
        with_images(lines, folder / "again" / "JPEGImages")
        second, _ = imported(request(ImportFormat.VOC, folder / "again"))
    assert_alike(first, lines)
    assert [boxes(each) for each in second] == [boxes(each) for each in first]


def assert_alike(imported_: list[Json], lines: list[Json]) -> None:
    """The same images, each with the same boxes to a hundred-thousandth of a pixel."""
    by_name = {Path(each["source-ref"]).name: each for each in imported_}
    assert by_name.keys() == {Path(each["source-ref"]).name for each in lines}
    for each in lines:
        found, wanted = boxes(by_name[Path(each["source-ref"]).name]), boxes(each)
        assert [one[0] for one in found] == [one[0] for one in wanted]
        for one, other in zip(found, wanted, strict=True):
            assert one[1:] == pytest.approx(other[1:], abs=1e-5)


_names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=9)
_trimmed = _names.map(str.strip).filter(bool)  # spaces around labels in a CSV mean nothing


@given(st.lists(st.lists(_trimmed, max_size=3), min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_csv_gives_back_every_label(labels: list[list[str]]) -> None:
    lines = [
        {"source-ref": f"s3://shop/{key}", **image_level(each, _NOW)}
        for key, each in zip(_KEYS, labels, strict=False)
    ]
    with tempfile.TemporaryDirectory() as name:
        exported(ExportFormat.CSV, lines, Path(name))
        again, staged = imported(request(ImportFormat.CSV, Path(name) / "labels.csv"))
    assert staged.problems == []
    assert stable(again) == stable(lines)


@given(_datasets, st.lists(_names, max_size=3))
@settings(max_examples=25, deadline=None)
def test_ground_truth_gives_back_everything(lines: list[Json], labels: list[str]) -> None:
    lines[0] |= image_level(labels, _NOW) | {"note": {"of": ["mine", 1.25]}}
    with tempfile.TemporaryDirectory() as name:
        exported(ExportFormat.GROUND_TRUTH, lines, Path(name))
        again, staged = imported(
            request(ImportFormat.GROUND_TRUTH, Path(name) / "dataset.manifest")
        )
    assert staged.problems == []
    assert again == lines
