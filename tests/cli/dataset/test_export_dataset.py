"""`lensmith export`, and the way back, against a live server."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from faster_coco_eval import COCO
from tests.cli.exchange_commands import entries, fails, lensmith, succeeds
from tests.exchange.workshop import boxes, picture, stable
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def yolo(tmp_path: Path) -> Path:
    """A YOLO dataset of three images, one without boxes."""
    folder = tmp_path / "yolo"
    (folder / "labels").mkdir(parents=True)
    (folder / "data.yaml").write_text("path: .\ntrain: images\nnames: [bolt, nut]\n")
    for name, text in {"a": "0 0.5 0.5 0.25 0.5\n1 .2 .2 .1 .1\n", "b": "1 .3 .3 .2 .2"}.items():
        (folder / "labels" / f"{name}.txt").write_text(text)
    for name in "abc":
        picture(folder / "images" / f"{name}.jpg", (640, 480))
    return folder


def new_project() -> str:
    return f"exported-{uuid.uuid4().hex[:8]}"


def lines(rekognition: RekognitionClient, project: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in entry.items() if key != "cl-metadata"}
        for entry in stable(entries(rekognition, project))
    ]


@pytest.mark.parametrize(
    ("format_", "source"),
    [("yolo", ""), ("voc", ""), ("coco", "coco.json"), ("ground-truth", "dataset.manifest")],
)
def test_a_dataset_goes_out_and_comes_back(
    server: LiveServer,
    rekognition: RekognitionClient,
    yolo: Path,
    tmp_path: Path,
    format_: str,
    source: str,
) -> None:
    first, second = new_project(), new_project()
    succeeds(server, "import", "yolo", yolo, "--project", first)
    folder = tmp_path / "out"
    said = succeeds(server, "export", format_, folder, "--project", first, "--images")
    assert "Images downloaded 3" in said
    images = ("--images", folder / "images") if format_ == "ground-truth" else ()
    succeeds(server, "import", format_, folder / source, "--project", second, *images)
    before, after = lines(rekognition, first), lines(rekognition, second)
    assert [Path(line["source-ref"]).name for line in after] == ["a.jpg", "b.jpg", "c.jpg"]
    assert [boxes(line) for line in after] == [boxes(line) for line in before]
    assert [line["bounding-box"]["image_size"] for line in after] == [
        line["bounding-box"]["image_size"] for line in before
    ]


def test_an_export_goes_on_where_it_stopped(server: LiveServer, yolo: Path, tmp_path: Path) -> None:
    project, folder = new_project(), tmp_path / "out"
    succeeds(server, "import", "yolo", yolo, "--project", project)
    arguments = ("export", "coco", folder, "--project", project, "--images")
    succeeds(server, *arguments)
    (folder / "images" / "a.jpg").unlink()
    (folder / "images" / "b.jpg").write_bytes(b"half")
    said = succeeds(server, *arguments)
    assert "Images downloaded 2" in said
    assert "Images there already 1" in said
    for name in "abc":
        copy = folder / "images" / f"{name}.jpg"
        assert copy.read_bytes() == (yolo / "images" / f"{name}.jpg").read_bytes()
    assert len(COCO(str(folder / "coco.json")).getAnnIds()) == 3


def test_sizes_that_no_entry_declares_are_read_from_the_images(
    server: LiveServer, s3: S3Client, bucket: str, tmp_path: Path
) -> None:
    project = new_project()
    s3.upload_file(str(picture(tmp_path / "a.jpg", (321, 123))), bucket, "x/a.jpg")
    labels = tmp_path / "labels.csv"
    labels.write_text(f"s3://{bucket}/x/a.jpg,bolt\ns3://{bucket}/x/gone.jpg,bolt\n")
    succeeds(server, "import", "csv", labels, "--project", project)
    said = succeeds(server, "export", "coco", tmp_path / "out", "--project", project)
    assert "1 x image: its size is not known" in said
    assert "1 x image-level label: the format has only boxes" in said
    (image,) = json.loads((tmp_path / "out" / "coco.json").read_text())["images"]
    assert (image["width"], image["height"]) == (321, 123)


def test_no_key_leads_out_of_the_destination(
    server: LiveServer, s3: S3Client, bucket: str, tmp_path: Path
) -> None:
    project, folder = new_project(), tmp_path / "deep" / "out"
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "link").symlink_to(outside)
    manifest = tmp_path / "x.manifest"
    keys = ("../../up.jpg", "link/a.jpg", "good.jpg")
    manifest.write_text("".join(f'{{"source-ref":"s3://{bucket}/{key}"}}\n' for key in keys))
    for key in keys[1:]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    succeeds(server, "import", "ground-truth", manifest, "--project", project)
    said = succeeds(server, "export", "ground-truth", folder, "--project", project, "--images")
    assert "2 x image: its key cannot be a file name" in said
    assert (folder / "images" / "good.jpg").read_bytes() == b"x"
    assert list(outside.iterdir()) == []
    assert not list(tmp_path.rglob("up.jpg"))
    assert (folder / "dataset.manifest").read_text() == manifest.read_text()


def test_failures_say_what_to_do(server: LiveServer, tmp_path: Path) -> None:
    said = fails(server, "export", "csv", tmp_path, "--project", "no-such-project")
    assert "There is no TRAIN dataset in a project no-such-project" in said
    assert lensmith(server, "export", "png", tmp_path, "--project", "p").returncode == 2
