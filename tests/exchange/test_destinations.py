"""What is written, read by others' code; and what cannot be written, named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from faster_coco_eval import COCO
from labelformat.formats import PascalVOCObjectDetectionInput, YOLOv8ObjectDetectionInput
from labelformat.model.bounding_box import BoundingBox
from labelformat.model.object_detection import ObjectDetectionInput
from tests.exchange.workshop import Json, exported, picture, stored

from lensmith.exchange.destinations import yolo
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.fitting import Fitted, fit
from lensmith.exchange.formats import ExportFormat
from lensmith.exchange.gathering import gather
from lensmith.manifest.convert.draft import ProblemKind
from lensmith.manifest.convert.label_attributes import (
    Origin,
    PixelBox,
    bounding_boxes,
    image_level,
)

_ORIGIN = Origin("2026-01-02T03:04:05", "labeling-job/x")
_NAMES = {4: "bolt", 9: "nut"}


def boxed(key: str, *boxes: PixelBox, names: dict[int, str] = _NAMES) -> Json:
    return {"source-ref": f"s3://shop/{key}", **bounding_boxes((200, 100), boxes, names, _ORIGIN)}


_LINES = [
    boxed("tools/a.jpg", PixelBox(9, 10, 20, 30, 40), PixelBox(4, 0.5, 0, 199.5, 100)),
    boxed("tools/deep/b.png", PixelBox(9, 1, 2, 3, 4)),
    boxed("tools/empty.jpg"),
]
_BOXES = {
    "a.jpg": [("nut", 10, 20, 40, 60), ("bolt", 0.5, 0, 200, 100)],
    "deep/b.png": [("nut", 1, 2, 4, 6)],
    "empty.jpg": [],
}


def test_coco_is_read_by_a_coco_reader(tmp_path: Path) -> None:
    fitted = exported(ExportFormat.COCO, _LINES, tmp_path)
    assert fitted.problems == []
    coco = COCO(str(tmp_path / "coco.json"))
    assert {each["name"]: each["id"] for each in coco.loadCats(coco.getCatIds())} == {
        "bolt": 4,
        "nut": 9,
    }
    images = {each["file_name"]: each for each in coco.loadImgs(coco.getImgIds())}
    assert images.keys() == _BOXES.keys()
    assert images["deep/b.png"]["coco_url"] == "s3://shop/tools/deep/b.png"
    (found,) = coco.loadAnns(coco.getAnnIds(imgIds=[images["deep/b.png"]["id"]]))
    assert (found["bbox"], found["area"], found["category_id"]) == ([1, 2, 3, 4], 12, 9)


def test_numbers_of_any_size_go_through(tmp_path: Path) -> None:
    huge = 10**30
    lines = [boxed("a.jpg", PixelBox(huge, huge, 2, 3, 4), names={huge: "bolt"})]
    exported(ExportFormat.COCO, lines, tmp_path)
    coco = json.loads((tmp_path / "coco.json").read_text())
    assert coco["categories"] == [{"id": huge, "name": "bolt"}]
    assert coco["annotations"][0]["bbox"] == [huge, 2, 3, 4]


def test_coco_with_images_names_files_only(tmp_path: Path) -> None:
    exported(ExportFormat.COCO, _LINES, tmp_path, with_images=True)
    for image in json.loads((tmp_path / "coco.json").read_text())["images"]:
        assert "coco_url" not in image


def test_yolo_is_read_by_labelformat(tmp_path: Path) -> None:
    exported(ExportFormat.YOLO, _LINES, tmp_path)
    for name in _BOXES:
        picture(tmp_path / "images" / "train" / name)
    assert read(YOLOv8ObjectDetectionInput(tmp_path / "data.yaml", "train")) == _BOXES
    assert yaml.safe_load((tmp_path / "data.yaml").read_text())["names"] == {0: "bolt", 1: "nut"}
    fields = (tmp_path / "labels" / "train" / "deep" / "b.txt").read_text().split()
    assert [float(field) for field in fields] == [1, 2.5 / 200, 4 / 100, 3 / 200, 4 / 100]


def test_yolo_has_both_splits_and_numbers_through_them(tmp_path: Path) -> None:
    def fitted(key: str, label: str) -> Fitted:
        line = {"source-ref": f"s3://shop/{key}", **boxed(key, PixelBox(0, 1, 2, 3, 4))}
        line["bounding-box-metadata"]["class-map"] = {"0": label}
        return fit(gather(stored([line])), yolo.CAPACITY, lambda _: None)

    splits = {"train": fitted("x/images/a.jpg", "bolt"), "val": fitted("y/b.jpg", "nut")}
    path = yolo.write_yolo(splits, tmp_path)
    assert yaml.safe_load(path.read_text()) == {
        "train": "images/train",
        "val": "images/val",
        "nc": 2,
        "names": {0: "bolt", 1: "nut"},
    }
    assert (tmp_path / "labels" / "train" / "a.txt").read_text().startswith("0 ")
    assert (tmp_path / "labels" / "val" / "b.txt").read_text().startswith("1 ")


def test_yolo_names_are_those_that_trainers_find() -> None:
    keys = ["images/a.jpg", "deep/no-ending", "v1.2", "v1.2.jpg", "v1.jpg", ".b/.c.PNG", "d.jfif"]
    fitted = fit(
        gather(stored([{"source-ref": f"s3://shop/{key}"} for key in keys])),
        yolo.CAPACITY,
        lambda _: None,
    )
    assert [image.name for image in fitted.images] == [
        "images_/a.jpg",
        "deep/no-ending.jpg",
        "v1.2.jpg",
        "v1.jpg",
        "_.b/_.c.PNG",
        "d.jfif.jpg",
    ]
    assert [problem.where for problem in fitted.problems] == ["s3://shop/v1.2.jpg"]


def test_voc_is_read_by_labelformat(tmp_path: Path) -> None:
    exported(ExportFormat.VOC, _LINES, tmp_path)
    folder = tmp_path / "Annotations"
    assert (folder / "deep" / "b.xml").is_file()
    (folder / "deep" / "b.xml").rename(folder / "b.xml")  # it looks into one folder only
    assert read(PascalVOCObjectDetectionInput(folder, "bolt,nut")) == _BOXES


def read(source: ObjectDetectionInput) -> dict[str, list[tuple[str, float, float, float, float]]]:
    return {
        each.image.filename: [(one.category.name, *corners(one.box)) for one in each.objects]
        for each in source.get_labels()
    }


def corners(box: BoundingBox) -> tuple[float, float, float, float]:
    return round(box.xmin, 6), round(box.ymin, 6), round(box.xmax, 6), round(box.ymax, 6)


def test_csv_is_a_row_an_image(tmp_path: Path) -> None:
    lines: list[Json] = [
        {"source-ref": "s3://shop/tools/a.jpg", **image_level(["x", "y, z"], "now")},
        {"source-ref": "s3://shop/tools/b.jpg"},
    ]
    exported(ExportFormat.CSV, lines, tmp_path)
    text = (tmp_path / "labels.csv").read_text()
    assert text.splitlines() == ['s3://shop/tools/a.jpg,x,"y, z"', "s3://shop/tools/b.jpg"]
    exported(ExportFormat.CSV, lines, tmp_path, with_images=True)
    assert (tmp_path / "labels.csv").read_text().splitlines() == ['a.jpg,x,"y, z"', "b.jpg"]


def test_what_a_format_cannot_hold_is_named(tmp_path: Path) -> None:
    both = [{**_LINES[0], **image_level(["fog"], "now")}]
    assert kinds(ExportFormat.CSV, both, tmp_path) == [ProblemKind.BOX_NOT_CARRIED] * 2
    assert kinds(ExportFormat.COCO, both, tmp_path) == [ProblemKind.LABEL_NOT_CARRIED]
    control = [boxed("a.jpg", PixelBox(0, 1, 2, 3, 4), names={0: "bell\x07"})]
    assert kinds(ExportFormat.VOC, control, tmp_path) == [ProblemKind.NOT_XML]
    twins = [boxed("a.jpg"), boxed("a.png")]
    assert kinds(ExportFormat.YOLO, twins, tmp_path) == [ProblemKind.SAME_STEM]
    assert kinds(ExportFormat.COCO, twins, tmp_path) == []


def test_no_key_leads_out_of_the_folder(tmp_path: Path) -> None:
    keys = ["../../up.jpg", "x/../../up.jpg", "/up.jpg", "a//b.jpg", "./a.jpg", "new\nline.jpg"]
    lines = [boxed(key) for key in keys]
    for format_ in (ExportFormat.COCO, ExportFormat.YOLO, ExportFormat.VOC, ExportFormat.CSV):
        folder = tmp_path / "deep" / "deeper" / format_.value
        assert kinds(format_, lines, folder) == [ProblemKind.BAD_KEY] * len(keys)
    assert {path.name for path in tmp_path.iterdir()} == {"deep"}


@pytest.mark.parametrize(
    ("format_", "link"),
    [
        (ExportFormat.YOLO, "labels"),
        (ExportFormat.YOLO, "labels/deep"),
        (ExportFormat.YOLO, "data.yaml"),
        (ExportFormat.VOC, "Annotations"),
    ],
)
def test_no_link_leads_out_of_the_folder(tmp_path: Path, format_: ExportFormat, link: str) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(outside)
    with pytest.raises(ExchangeError, match="symbolic link"):
        exported(format_, _LINES, folder)
    assert list(outside.iterdir()) == []


def kinds(format_: ExportFormat, lines: list[Json], folder: Path) -> list[ProblemKind]:
    return [problem.kind for problem in exported(format_, lines, folder).problems]
