"""Sources as people have them: layouts, missing and hostile files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.exchange.workshop import boxes, imported, picture, request

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.formats import ImportFormat
from lensmith.manifest.convert.draft import Problem, ProblemKind


def coco(folder: Path, *names: str) -> Path:
    images = [
        {"id": number, "file_name": name, "width": 200, "height": 100}
        for number, name in enumerate(names)
    ]
    file = folder / "labels.json"
    file.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return file


def test_coco_finds_images_beside_it_and_in_images(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "images" / "val" / "b.jpg")
    lines, staged = imported(request(ImportFormat.COCO, coco(tmp_path, "./a.jpg", "val/b.jpg")))
    assert [line["source-ref"] for line in lines] == [
        "s3://shop/tools/train/a.jpg",
        "s3://shop/tools/train/val/b.jpg",
    ]
    assert [upload.file.name for upload in staged.uploads] == ["a.jpg", "b.jpg"]


def test_images_that_are_in_s3_already_are_not_uploaded(tmp_path: Path) -> None:
    given = request(ImportFormat.COCO, coco(tmp_path, "a.jpg", "../b.jpg"), "s3://other/folder")
    lines, staged = imported(given)
    assert [line["source-ref"] for line in lines] == ["s3://other/folder/a.jpg"]
    assert staged.uploads == []
    assert staged.problems == [Problem(ProblemKind.OUTSIDE, "../b.jpg")]


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    secret = picture(tmp_path / "secret.jpg")
    folder = tmp_path / "source"
    picture(folder / "good.jpg")
    (folder / "link.jpg").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "text.jpg").write_text("no image")
    names = ("../secret.jpg", str(secret), "link.jpg", "up/secret.jpg", "x/../good.jpg")
    others = ("gone.jpg", "loop.jpg", "text.jpg", "good.jpg", "./good.jpg", "nul\0.jpg", "")
    _, staged = imported(request(ImportFormat.COCO, coco(folder, *names, *others)))
    assert [upload.file.name for upload in staged.uploads] == ["good.jpg"]
    found = {problem.where: problem.kind for problem in staged.problems}
    assert found == {
        **dict.fromkeys((*names, "nul\0.jpg", ""), ProblemKind.OUTSIDE),
        "x/../good.jpg": ProblemKind.REPEATED_IMAGE,
        "gone.jpg": ProblemKind.NO_FILE,
        "loop.jpg": found["loop.jpg"],
        "text.jpg": ProblemKind.NOT_AN_IMAGE,
        "./good.jpg": ProblemKind.REPEATED_IMAGE,
    }
    assert found["loop.jpg"] in {ProblemKind.OUTSIDE, ProblemKind.NO_FILE}


def test_folders_label_by_their_first_level(tmp_path: Path) -> None:
    secret = picture(tmp_path.parent / f"{tmp_path.name}-secret.jpg")
    for name in ("echo/white/x.PNG", "echo/y.jpg", "dot/z.jpeg", "alone.jpg"):
        picture(tmp_path / name)
    (tmp_path / "echo" / "notes.txt").write_text("x")
    (tmp_path / "echo" / "other.webp").write_bytes(b"RIFF")
    (tmp_path / "echo" / "link.jpg").symlink_to(secret)
    lines, staged = imported(request(ImportFormat.FOLDERS, tmp_path))
    assert {line["source-ref"].rsplit("/", 1)[-1]: sorted(line)[0] for line in lines} == {
        "alone.jpg": "source-ref",
        "x.PNG": "echo",
        "y.jpg": "echo",
        "z.jpeg": "dot",
    }
    assert staged.problems == [
        Problem(ProblemKind.OUTSIDE, "echo/link.jpg"),
        Problem(ProblemKind.NOT_AN_IMAGE, "echo/other.webp"),
    ]


@pytest.mark.parametrize("path", ["", "path: /somewhere/else\n", "path: .\n", "path: ../tools\n"])
@pytest.mark.parametrize("train", ["images/train", "../images/train", "./images/train/"])
def test_yolo_in_the_usual_layouts(tmp_path: Path, path: str, train: str) -> None:
    root = tmp_path / "tools"
    picture(root / "images/train/a.jpg")
    picture(root / "images/train/turned.jpg", (200, 100), turned=True)
    picture(root / "images/train/none.png")
    (root / "images/train/b.webp").write_bytes(b"RIFF")
    (root / "labels/train").mkdir(parents=True)
    (root / "labels/train/a.txt").write_text("1 0.5 0.5 0.5 0.5\nnonsense\n")
    (root / "labels/train/turned.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    (root / "data.yaml").write_text(f"{path}train: {train}\nnc: 2\nnames: [bolt, nut]\n")
    lines, staged = imported(request(ImportFormat.YOLO, root))
    found = {line["source-ref"].rsplit("/", 1)[-1]: boxes(line) for line in lines}
    assert found == {
        "a.jpg": [("nut", 50, 25, 100, 50)],
        "none.png": [],
        "turned.jpg": [("bolt", 25, 50, 50, 100)],
    }
    assert set(staged.problems) == {
        Problem(ProblemKind.BAD_BOX, "labels/train/a.txt, line 2"),
        Problem(ProblemKind.NOT_AN_IMAGE, "images/train/b.webp"),
        Problem(
            ProblemKind.NO_LABEL_FILE,
            "1 of 3 images have no label file, first images/train/none.png",
        ),
    }


def test_yolo_classes_are_called_what_the_file_says(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .1 .1\n1 .5 .5 .1 .1\n")
    (tmp_path / "data.yaml").write_text("train: images\nnames:\n  0: no\n  1: 007\n")
    (line,), _ = imported(request(ImportFormat.YOLO, tmp_path))
    assert [box[0] for box in boxes(line)] == ["no", "007"]


def test_yolo_without_configuration_and_with_lists(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (tmp_path / "a.txt").write_text("0 0.5 0.5 0.5 0.5")
    (tmp_path / "classes.txt").write_text("bolt\nnut\n")
    (line,), _ = imported(request(ImportFormat.YOLO, tmp_path))
    assert boxes(line) == [("bolt", 50, 25, 100, 50)]
    (tmp_path / "data.yaml").write_text("train: list.txt\nnames: {0: tool}\n")
    (tmp_path / "list.txt").write_text("./a.jpg\n../../x.jpg\ngone.jpg\n")
    (line,), staged = imported(request(ImportFormat.YOLO, tmp_path / "data.yaml"))
    assert boxes(line) == [("tool", 50, 25, 100, 50)]
    assert [one.kind for one in staged.problems] == [ProblemKind.OUTSIDE, ProblemKind.NO_FILE]


@pytest.mark.parametrize(
    ("shape", "kinds", "expected"),
    [
        ("", [ProblemKind.KEYPOINTS], ("bolt", 50, 25, 100, 50)),
        ("kpt_shape: [2, 2]", [], ("bolt", 50, 25, 100, 50)),
        ("kpt_shape: none", [], ("bolt", 60, 40, 60, 30)),
    ],
)
def test_yolo_poses(
    tmp_path: Path, shape: str, kinds: list[ProblemKind], expected: tuple[object, ...]
) -> None:
    picture(tmp_path / "images" / "a.jpg")
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "a.txt").write_text("0 .5 .5 .5 .5 .3 .4 .6 .7\n0 .8 .8 .1 .1 .8 .8 0 0")
    (tmp_path / "data.yaml").write_text(f"train: images\nnames: [bolt]\n{shape}\n")
    (line,), staged = imported(request(ImportFormat.YOLO, tmp_path))
    assert boxes(line)[0] == expected
    assert [problem.kind for problem in staged.problems] == kinds
    assert staged.skipped == 0


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ("train: ../../../../etc\nnames: [a]", "not there"),
        ("train: /etc\nnames: [a]", "not below"),
        ("names: [a]", "no split 'train'"),
        ("train: x", "names"),
        ("{", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "names"),
        ("names: [&a [x, x], &b [*a, *a], [*b, *b]]\ntrain: x", "names"),
        ("names: [a]\ntrain: [[x]]", "not a path"),
        ("", "names"),
    ],
)
def test_yolo_configurations_that_do_not_do(tmp_path: Path, configuration: str, said: str) -> None:
    (tmp_path / "data.yaml").write_text(configuration)
    with pytest.raises(ExchangeError, match=said):
        imported(request(ImportFormat.YOLO, tmp_path))


def test_voc_in_the_usual_layouts(tmp_path: Path) -> None:
    xml = (
        "<annotation><filename>{}</filename><size><width>200</width><height>100</height></size>"
        "<object><name>nut</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6</ymax>"
        "</bndbox></object></annotation>"
    )
    for folder, name in (("Annotations", "a.jpg"), ("mixed", "b.jpg"), ("Annotations", "gone.jpg")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{Path(name).stem}.xml").write_text(xml.format(name))
    (tmp_path / "Annotations" / "bad.xml").write_text("<annotation>")
    (tmp_path / "Annotations" / "up.xml").write_text(xml.format("../../up.jpg"))
    picture(tmp_path / "JPEGImages" / "a.jpg")
    picture(tmp_path / "mixed" / "b.jpg")
    lines, staged = imported(request(ImportFormat.VOC, tmp_path))
    assert [line["source-ref"].removeprefix("s3://shop/tools/train/") for line in lines] == [
        "JPEGImages/a.jpg",
        "mixed/b.jpg",
    ]
    assert boxes(lines[0]) == [("nut", 1, 2, 3, 4)]
    assert {problem.kind for problem in staged.problems} == {
        ProblemKind.NO_FILE,
        ProblemKind.UNREADABLE_LABELS,
        ProblemKind.OUTSIDE,
    }


def test_a_csv_with_duplicates_is_split_and_refused(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        picture(tmp_path / name)
    file = tmp_path / "tools.csv"
    file.write_text("a.jpg,x\nb.jpg,y\na.jpg,z\n")
    with pytest.raises(ExchangeError, match=r"tools-deduplicated\.csv"):
        imported(request(ImportFormat.CSV, file))
    assert (tmp_path / "tools-deduplicated.csv").read_text() == "a.jpg,x\nb.jpg,y\n"
    assert (tmp_path / "tools-duplicates.csv").read_text() == "a.jpg,z\n"
    assert len(imported(request(ImportFormat.CSV, tmp_path / "tools-deduplicated.csv"))[0]) == 2
    file.write_text("a.jpg,x\n")
    imported(request(ImportFormat.CSV, file))
    assert not list(tmp_path.glob("tools-d*.csv")), "they told of another file"


def test_ground_truth_images_can_be_brought_along(tmp_path: Path) -> None:
    picture(tmp_path / "photos" / "deep" / "a.jpg")
    manifest = tmp_path / "x.manifest"
    manifest.write_text('{"source-ref":"s3://other/deep/a.jpg"}\n\n{"source-ref":1}\n')
    lines, staged = imported(request(ImportFormat.GROUND_TRUTH, manifest))
    assert lines == [{"source-ref": "s3://other/deep/a.jpg"}]
    assert staged.uploads == []
    assert staged.problems == [Problem(ProblemKind.NOT_A_LINE, f"{manifest}, line 3")]
    given = request(ImportFormat.GROUND_TRUTH, manifest, tmp_path / "photos")
    lines, staged = imported(given)
    assert lines == [{"source-ref": "s3://shop/tools/train/deep/a.jpg"}]
    assert [upload.target.key for upload in staged.uploads] == ["tools/train/deep/a.jpg"]


def test_a_line_too_long_for_a_dataset_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "b.jpg")
    rows = [["a.jpg", *(f"label {number}" * 10 for number in range(300))], ["b.jpg", "x"]]
    file = tmp_path / "labels.csv"
    file.write_text("\n".join(",".join(row) for row in rows))
    lines, staged = imported(request(ImportFormat.CSV, file))
    assert len(lines) == 1
    assert staged.problems == [Problem(ProblemKind.LINE_TOO_LONG, "a.jpg")]


def test_names_that_are_no_text_are_named_and_can_be_shown(tmp_path: Path) -> None:
    picture(tmp_path / "good" / "a.jpg")
    name = os.fsdecode(b"good/\xff\x1b[31m.jpg")
    (tmp_path / name).write_bytes((tmp_path / "good" / "a.jpg").read_bytes())
    lines, staged = imported(request(ImportFormat.FOLDERS, tmp_path))
    assert len(lines) == 1
    assert staged.problems == [Problem(ProblemKind.OUTSIDE, name)]
    assert staged.problems[0].shown == r"good/\udcff\x1b[31m.jpg"


@pytest.mark.parametrize("format_", list(ImportFormat))
def test_a_source_that_is_not_there(tmp_path: Path, format_: ImportFormat) -> None:
    with pytest.raises(ExchangeError, match="gone"):
        imported(request(format_, tmp_path / "gone"))
