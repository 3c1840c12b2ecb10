"""Pictures are found by whatever a label file calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.exchange.workshop import TARGET, boxes, imported, picture, request

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.images import ImagesInFolders
from lensmith.exchange.images_in_s3 import ImagesInS3
from lensmith.exchange.placement import Placed
from lensmith.exchange.services import Location
from lensmith.manifest.convert.draft import Problem, ProblemKind


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("train/a.jpg", "val/a.jpg", "train/b.png", "deep/er/C d.JPG", "e\u0301.jpg"):
        picture(tmp_path / "shop" / name)
    return tmp_path / "shop"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("train/a.jpg", "train/a.jpg"),
        ("train\\a.jpg", "train/a.jpg"),
        ("C:\\Users\\me\\val\\a.jpg", "val/a.jpg"),
        ("/home/me/train/a.jpg", "train/a.jpg"),
        ("../pictures/b.png", "train/b.png"),
        ("b", "train/b.png"),
        ("b.bmp", "train/b.png"),
        ("c%20d.jpg", "deep/er/C d.JPG"),
        ("file:///x/C d.JPG", "deep/er/C d.JPG"),
        ("x/\u00e9.jpg", "e\u0301.jpg"),
    ],
)
def test_a_unique_match_is_taken(folder: Path, name: str, found: str) -> None:
    placed = ImagesInFolders([folder], TARGET).place(name)
    assert isinstance(placed, Placed)
    assert placed.source_ref == f"s3://shop/tools/train/{found}"
    assert placed.file == folder / found


def test_an_ambiguous_match_is_named(folder: Path) -> None:
    images = ImagesInFolders([folder], TARGET)
    assert images.place("a.jpg") == Problem(
        ProblemKind.AMBIGUOUS_IMAGE, "a.jpg (train/a.jpg, val/a.jpg)"
    )
    assert isinstance(images.place("a.jpg", ["labels/val/a"]), Placed), "the label file's own path"
    assert images.place("gone.jpg") == Problem(ProblemKind.NO_FILE, "gone.jpg")


def test_a_picture_that_two_names_could_mean_belongs_to_neither(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "b.jpg")
    file = tmp_path / "labels.csv"
    file.write_text("val/a.jpg,x\ntrain/a.jpg,y\nval/b.jpg,x\nb.jpg,y\n")
    lines, staged = imported(request(ImportFormat.CSV, file))
    assert [list(line)[:2] for line in lines] == [["source-ref", "y"]]
    assert [problem.kind for problem in staged.problems] == [
        ProblemKind.AMBIGUOUS_NAME,
        ProblemKind.AMBIGUOUS_NAME,
        ProblemKind.REPEATED_IMAGE,
    ]


def test_locations_move_to_a_folder_in_s3(tmp_path: Path) -> None:
    manifest = tmp_path / "x.manifest"
    refs = ["s3://old/sets/lot1/a.jpg", "s3://old/sets/lot1/deep/b.jpg", "s3://new/lot1/c.jpg"]
    manifest.write_text("".join(f'{{"source-ref":"{ref}"}}\n' for ref in refs))
    lines, _ = imported(request(ImportFormat.GROUND_TRUTH, manifest, "s3://new/lot1"))
    assert sorted(line["source-ref"] for line in lines) == [
        "s3://new/lot1/a.jpg",
        "s3://new/lot1/c.jpg",
        "s3://new/lot1/deep/b.jpg",
    ]
    flat = ImagesInS3(Location("new", ""), None).place("s3://old/sets/a.jpg")
    assert flat == Placed("s3://new/sets/a.jpg", None, is_guess=True)


def test_a_flat_copy_of_a_bucket_is_found(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "a.jpg")
    manifest = tmp_path / "x.manifest"
    manifest.write_text('{"source-ref":"s3://old/sets/lot1/a.jpg"}\n')
    lines, staged = imported(request(ImportFormat.GROUND_TRUTH, manifest, tmp_path / "photos"))
    assert lines == [{"source-ref": "s3://shop/tools/train/a.jpg"}]
    assert [upload.file.name for upload in staged.uploads] == ["a.jpg"]


@pytest.mark.parametrize("filename", ["<filename>a</filename>", "<path>C:\\x\\a.jpg</path>", ""])
def test_voc_finds_a_picture_by_its_stem_or_its_own_name(tmp_path: Path, filename: str) -> None:
    (tmp_path / "a.xml").write_text(f"<annotation>{filename}<object/></annotation>")
    picture(tmp_path / "pictures" / "a.jpg")
    (line,), _ = imported(request(ImportFormat.VOC, tmp_path))
    assert line["source-ref"] == "s3://shop/tools/train/pictures/a.jpg"
    assert line["bounding-box"]["image_size"][0]["width"] == 200


def test_yolo_takes_images_from_elsewhere(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "a.jpg")
    picture(tmp_path / "photos" / "other.jpg")
    labels = tmp_path / "y" / "obj_train_data"
    labels.mkdir(parents=True)
    (tmp_path / "y" / "obj.names").write_text("bolt")
    (labels / "a.txt").write_text("0 0.5 0.5 0.5 0.5")
    lines, staged = imported(request(ImportFormat.YOLO, tmp_path / "y", tmp_path / "photos"))
    assert [boxes(line) for line in lines] == [[("bolt", 50, 25, 100, 50)]]
    assert staged.problems == []


def test_yolo_labels_are_found_in_other_folders_or_refused(tmp_path: Path) -> None:
    for number in (1, 2):
        picture(tmp_path / "images" / f"{number}.jpg")
    (tmp_path / "data.yaml").write_text("train: /content/set/images\nnames: [bolt]\n")
    with pytest.raises(ExchangeError, match="2 of 2 images have no label file"):
        imported(request(ImportFormat.YOLO, tmp_path))
    (tmp_path / "Labels").mkdir()
    (tmp_path / "Labels" / "1.txt").write_text("0 0.5 0.5 0.5 0.5")
    lines, staged = imported(request(ImportFormat.YOLO, tmp_path))
    assert [boxes(line) for line in lines] == [[("bolt", 50, 25, 100, 50)], []]
    assert [problem.kind for problem in staged.problems] == [ProblemKind.NO_LABEL_FILE]
    assert staged.skipped == 0


def test_folders_of_splits_are_no_labels(tmp_path: Path) -> None:
    for name in ("train/rose/a.jpg", "train/lily/b.jpg", "valid/rose/c.jpg"):
        picture(tmp_path / name)
    lines, staged = imported(request(ImportFormat.FOLDERS, tmp_path))
    assert [list(line)[1] for line in lines] == ["lily", "rose"]
    assert staged.problems == [Problem(ProblemKind.NOT_OF_THE_SPLIT, "valid")]
    flat = tmp_path / "flat"
    picture(flat / "train" / "a.jpg")
    picture(flat / "test" / "b.jpg")
    with pytest.raises(ExchangeError, match="splits, not labels"):
        imported(request(ImportFormat.FOLDERS, flat))


def test_a_rotated_picture_is_named_at_import(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", (200, 100), turned=True)
    coco = {"images": [{"id": 1, "file_name": "a.jpg", "width": 200, "height": 100}]}
    (tmp_path / "labels.json").write_text(json.dumps(coco))
    lines, staged = imported(request(ImportFormat.COCO, tmp_path / "labels.json"))
    assert len(lines) == 1
    assert [problem.kind for problem in staged.problems] == [ProblemKind.SIZE_DIFFERS]


def test_a_size_is_read_from_the_picture(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg", (320, 240))
    (tmp_path / "labels.json").write_text('{"images":[{"id":1,"file_name":"x\\\\a.jpg"}]}')
    (line,), _ = imported(request(ImportFormat.COCO, tmp_path / "labels.json"))
    assert line["bounding-box"]["image_size"] == [{"width": 320, "height": 240, "depth": 3}]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("https://x.example/set/a.jpg?sig=1", "a.jpg"),
        ("a+b.jpg", "a b.jpg"),
        (" a.jpg ", "a.jpg"),
        ("/data/upload/1/0a1b2c3d-a.jpg", "a.jpg"),
    ],
)
def test_addresses_and_uploads_mean_their_file(tmp_path: Path, name: str, file: str) -> None:
    picture(tmp_path / "images" / file)
    coco = {"images": [{"id": 1, "file_name": name, "width": 200, "height": 100}]}
    (tmp_path / "labels.json").write_text(json.dumps(coco))
    (line,), _ = imported(request(ImportFormat.COCO, tmp_path / "labels.json"))
    assert line["source-ref"].endswith(f"/{file}")


@pytest.mark.parametrize(
    "names",
    [
        ("train/rose/a.jpg", "dev/rose/b.jpg"),
        ("set/train/rose/a.jpg", "set/test/rose/b.jpg"),
        ("training_set/rose/a.jpg", "test_set/rose/b.jpg"),
        ("train2017/rose/a.jpg", "val2017/rose/b.jpg"),
        ("rose/a.jpg", ".git/b.jpg", "__MACOSX/rose/._a.jpg"),
    ],
)
def test_only_folders_of_labels_are_labels(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        picture(tmp_path / name)
    lines, _ = imported(request(ImportFormat.FOLDERS, tmp_path))
    assert [name for line in lines for name in line if name == "rose"] == ["rose"]
    assert len(lines) == 1


def test_yolo_sets_of_other_tools(tmp_path: Path) -> None:
    darknet, named, listed = tmp_path / "darknet", tmp_path / "named", tmp_path / "listed"
    for folder, place in ((darknet, "train"), (named, "images"), (listed, "images")):
        picture(folder / place / "a.jpg")
        (folder / place / "a.txt").write_text("0 .5 .5 .5 .5\n0 160 120 80 60\n")
    (darknet / "train" / "_darknet.labels").write_text("bolt\n")
    (named / "coco8.yaml").write_text("train: images\nnames: [bolt]\n")
    (listed / "data.yaml").write_text("train: train.txt\nnames: [bolt]\n")
    (listed / "train.txt").write_text("images\\a.jpg\n")
    for folder in (darknet, named, listed):
        (line,), staged = imported(request(ImportFormat.YOLO, folder))
        assert [box[0] for box in boxes(line)] == ["bolt"]
        assert [problem.kind for problem in staged.problems] == [ProblemKind.BAD_BOX]
