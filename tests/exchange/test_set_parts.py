"""How sets are divided by their authors, and which dataset each part fills."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.exchange.workshop import imported, picture, request

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.import_parts import chosen_parts
from lensmith.exchange.set_parts import set_parts

Found = list[tuple[str, str, str]]


def tree(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def parts(format_: ImportFormat, root: Path) -> Found:
    """Type, split and place of each part."""
    return [
        (part.type, part.split, part.path.relative_to(root).as_posix())
        for part in set_parts(format_, root)
    ]


def yolo(root: Path, text: str) -> list[tuple[str, str]]:
    (root / "data.yaml").write_text(f"names: [bolt]\n{text}")
    return [(type_, split) for type_, split, _ in parts(ImportFormat.YOLO, root)]


def test_yolo(tmp_path: Path) -> None:
    tree(tmp_path, "train/images/a.jpg", "valid/images/b.jpg")
    roboflow = "train: ../train/images\nval: ../valid/images\ntest: ../test/images"
    assert yolo(tmp_path, roboflow) == [("train", "train"), ("test", "val")]
    tree(tmp_path, "test/images/d.jpg")
    assert yolo(tmp_path, roboflow) == [("train", "train"), ("test", "test"), ("test", "val")]
    twice = "train: train/images\nval: train/images"
    assert yolo(tmp_path, twice) == [("train", "train")]
    assert yolo(tmp_path, "val: valid/images") == [("train", "val")]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (
            ["train/_annotations.coco.json", "valid/_annotations.coco.json"],
            [
                ("train", "train", "train/_annotations.coco.json"),
                ("test", "valid", "valid/_annotations.coco.json"),
            ],
        ),
        (
            [
                "annotations/instances_train2017.json",
                "annotations/instances_val2017.json",
                "annotations/captions_train2017.json",
                "annotations/person_keypoints_val2017.json",
            ],
            [
                ("train", "train", "annotations/instances_train2017.json"),
                ("test", "val", "annotations/instances_val2017.json"),
            ],
        ),
        (["labels.json", "images/a.jpg"], [("train", "train", "labels.json")]),
        (
            ["train.json", "validation.json", "test.json"],
            [
                ("train", "train", "train.json"),
                ("test", "test", "test.json"),
                ("test", "validation", "validation.json"),
            ],
        ),
    ],
)
def test_coco(tmp_path: Path, names: list[str], found: Found) -> None:
    assert parts(ImportFormat.COCO, tree(tmp_path, *names)) == found


def test_files_that_say_no_split(tmp_path: Path) -> None:
    tree(tmp_path, "one.json", "two.json")
    with pytest.raises(ExchangeError, match=r"one\.json, two\.json\. Name one"):
        set_parts(ImportFormat.COCO, tmp_path)
    assert set_parts(ImportFormat.COCO, tmp_path / "one.json")[0].path == tmp_path / "one.json"
    with pytest.raises(ExchangeError, match=r"There is no \.xml file below"):
        chosen_parts(request(ImportFormat.CVAT, tmp_path), None, None)


def test_the_images_of_a_subset_are_in_its_folder(tmp_path: Path) -> None:
    file = "annotations/instances_default.json"
    tree(tmp_path, file, "images/default/a.jpg", "images/default/sub/a.jpg")
    (part,) = set_parts(ImportFormat.COCO, tmp_path)
    assert part.path == tmp_path / file
    assert part.folders[0] == tmp_path / "images" / "default"


def test_folders_and_files_below_them(tmp_path: Path) -> None:
    tree(tmp_path, "train/a.xml", "test/b.xml", "train/_classes.csv", "test/_classes.csv")
    divided = [("train", "train", "train"), ("test", "test", "test")]
    assert parts(ImportFormat.VOC, tmp_path) == divided
    assert parts(ImportFormat.FOLDERS, tmp_path) == [(*each[:2], ".") for each in divided]
    assert parts(ImportFormat.CSV, tmp_path)[1] == ("test", "test", "test/_classes.csv")
    tree(tmp_path, "rose/c.jpg")
    assert parts(ImportFormat.FOLDERS, tmp_path) == [("train", "train", ".")]


def test_the_lists_of_voc(tmp_path: Path) -> None:
    for stem in ("2007_000001", "2007_000002", "2007_000003"):
        picture(tmp_path / "JPEGImages" / f"{stem}.jpg")
        path = tmp_path / "Annotations" / f"{stem}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text("<annotation><filename/><size/></annotation>")
    tree(tmp_path, "ImageSets/Main/trainval.txt")
    assert parts(ImportFormat.VOC, tmp_path) == [("train", "train", ".")]
    lists = tmp_path / "ImageSets" / "Main"
    (lists / "train.txt").write_text("2007_000001\n")
    (lists / "val.txt").write_text("2007_000002 -1\n")
    assert parts(ImportFormat.VOC, tmp_path) == [("train", "train", "."), ("test", "val", ".")]
    asked = replace(request(ImportFormat.VOC, tmp_path), split="val")
    (line,), _ = imported(asked)
    assert line["source-ref"].endswith("JPEGImages/2007_000002.jpg")
