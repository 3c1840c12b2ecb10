"""`lensmith import` against a live server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.cli.exchange_commands import entries, fails, succeeds
from tests.exchange.workshop import picture
from tests.support.eventually import until
from tests.support.live_server import BIN, LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def project() -> str:
    return f"tools-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """Six images in a folder, one of them missing, five with a box, one annotation of no image."""
    folder = tmp_path / "coco"
    for number in range(5):
        picture(folder / "images" / f"{number}.jpg", (200, 100))
    images = [
        {"id": number, "file_name": f"{number}.jpg", "width": 200, "height": 100}
        for number in range(6)
    ]
    annotations = [
        {"image_id": number, "category_id": 1 + number % 2, "bbox": [1.5, 2, 30, 40]}
        for number in (0, 1, 2, 3, 99)
    ]
    categories = [{"id": 1, "name": "bolt"}, {"id": 2, "name": "nut"}]
    (folder / "labels.json").write_text(
        json.dumps({"images": images, "annotations": annotations, "categories": categories})
    )
    return folder / "labels.json"


def test_coco_becomes_a_dataset(
    server: LiveServer, rekognition: RekognitionClient, s3: S3Client, project: str, coco: Path
) -> None:
    gone = coco.parent / "gone.txt"
    said = succeeds(server, "import", "coco", coco, "--project", project, "--problems", gone)
    for row in ("Entries in the dataset 5", "Images uploaded 5", "Skipped 2", "Labels 2"):
        assert row in said
    assert "1 x annotation: its image_id is that of no image" in said
    assert "1 x image: there is no such file" in said
    stored = entries(rekognition, project)
    assert len(stored) == 5
    assert stored[0]["source-ref"] == f"s3://custom-labels-import/{project}/train/0.jpg"
    body = s3.get_object(Bucket="custom-labels-import", Key=f"{project}/train/0.jpg")["Body"]
    assert body.read() == (coco.parent / "images" / "0.jpg").read_bytes()
    assert len(gone.read_text().splitlines()) == 2


def test_a_second_run_merges_only_when_told(
    server: LiveServer, rekognition: RekognitionClient, project: str, coco: Path
) -> None:
    arguments = ("import", "coco", coco, "--project", project)
    succeeds(server, *arguments)
    assert "--update" in fails(server, *arguments)
    picture(coco.parent / "images" / "5.jpg")
    picture(coco.parent / "images" / "0.jpg", (300, 100))
    said = succeeds(server, *arguments, "--update")
    assert "Images uploaded 2" in said
    assert "Images there already 4" in said
    assert len(entries(rekognition, project)) == 6


def test_a_killed_import_goes_on(
    server: LiveServer, rekognition: RekognitionClient, s3: S3Client, project: str, tmp_path: Path
) -> None:
    count = 800
    for number in range(count):
        picture(tmp_path / "tools" / f"label{number % 3}" / f"{number}.png", (64, 64))
    arguments = ["import", "folders", str(tmp_path / "tools"), "--project", project]
    running = subprocess.Popen(
        [str(BIN / "lensmith"), *arguments],
        env=server.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: uploaded(s3, project) >= 10 or running.poll() is not None)
    assert running.poll() is None, "it ended before it could be killed"
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    before = uploaded(s3, project)
    assert before < count
    present = re.search(r"Images there already (\d+)", succeeds(server, *arguments))
    assert present is not None
    assert before <= int(present[1]) < count
    (described,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    stats = rekognition.describe_dataset(DatasetArn=described["Datasets"][0]["DatasetArn"])
    assert stats["DatasetDescription"]["DatasetStats"]["TotalEntries"] == count
    assert stats["DatasetDescription"]["DatasetStats"]["TotalLabels"] == 3


def uploaded(s3: S3Client, project: str) -> int:
    try:
        listed = s3.list_objects_v2(Bucket="custom-labels-import", Prefix=f"{project}/train/")
    except s3.exceptions.NoSuchBucket:
        return 0
    return listed["KeyCount"]


def test_a_manifest_alone_needs_no_server(tmp_path: Path, coco: Path) -> None:
    manifest = tmp_path / "out.manifest"
    command = ["import", "coco", str(coco), "--project", "p", "--manifest-only", str(manifest)]
    done = subprocess.run(
        [str(BIN / "lensmith"), *command, "--bucket", "mine", "--prefix", "x/y"],
        env={**os.environ, "LENSMITH_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert lines[0]["source-ref"] == "s3://mine/x/y/0.jpg"
    assert len(lines) == 5


def test_an_s3_prefix_is_imported_where_it_lies(
    server: LiveServer, rekognition: RekognitionClient, s3: S3Client, bucket: str, project: str
) -> None:
    for key in ("shop/echo/white/x.png", "shop/dot/y.JPG", "shop/z.png", "other/a.png"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"never opened")
    said = succeeds(
        server, "import", "folders", f"s3://{bucket}/shop", "--project", project, "--type", "test"
    )
    assert "Entries in the dataset 3" in said
    assert "Images uploaded 0" in said
    assert {
        str(entry["source-ref"]): list(entry)[1] for entry in entries(rekognition, project)
    } == {
        f"s3://{bucket}/shop/dot/y.JPG": "dot",
        f"s3://{bucket}/shop/echo/white/x.png": "echo",
        f"s3://{bucket}/shop/z.png": "cl-metadata",
    }


def test_a_bucket_that_stayed_behind_is_named(
    server: LiveServer, project: str, tmp_path: Path
) -> None:
    refs = ("left-in-aws/a.jpg", "left-in-aws/b.jpg")
    manifest = tmp_path / "output.manifest"
    manifest.write_text("".join(json.dumps({"source-ref": f"s3://{ref}"}) + "\n" for ref in refs))
    said = succeeds(server, "import", "ground-truth", manifest, "--project", project)
    assert "Look at 1 x bucket: its images cannot be read here, so training would fail" in said
    assert "left-in-aws, 2 images: the bucket, not on this server" in said
    assert "with --images" in said


def test_failures_say_what_to_do(server: LiveServer, project: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone.json"
    said = fails(server, "import", "coco", gone, "--project", project)
    assert f"There is no file or folder {gone}" in said
    text = tmp_path / "text.csv"
    text.write_text("a.jpg,x\nb.jpg,y\n")
    said = fails(server, "import", "csv", text, "--project", project)
    assert "Nothing in" in said
    assert "put it there or name its folder with --images" in said
    said = fails(server, "import", "csv", text, "--project", project, "--profile", "nobody")
    assert "lensmith configure" in said


def test_a_zip_of_all_splits_fills_both_datasets(
    server: LiveServer, rekognition: RekognitionClient, project: str, tmp_path: Path
) -> None:
    path = tmp_path / "signs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "signs/data.yaml",
            "names: [stop]\ntrain: ../train/images\nval: ../valid/images\ntest: ../test/images\n",
        )
        for number, split in enumerate(("train", "train", "valid", "test")):
            name = str(min(number, 2))  # one of valid is called as one of test
            archive.write(picture(tmp_path / f"{number}.jpg"), f"signs/{split}/images/{name}.jpg")
            archive.writestr(f"signs/{split}/labels/{name}.txt", "0 .5 .5 .5 .5\n")
    said = succeeds(server, "import", "yolo", path, "--project", project)
    assert f"Imported into the train dataset of {project}, from train" in said
    alone = ("--project", project, "--manifest-only", tmp_path / "alone")
    said = succeeds(server, "import", "yolo", path, *alone)
    assert "It holds train alone; by --split: test, val." in said
    (described,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    found = {
        dataset["DatasetType"]: [
            json.loads(entry)["source-ref"].removeprefix(f"s3://custom-labels-import/{project}/")
            for entry in rekognition.list_dataset_entries(DatasetArn=dataset["DatasetArn"])[
                "DatasetEntries"
            ]
        ]
        for dataset in described["Datasets"]
    }
    assert found == {
        "TRAIN": ["train/train/images/0.jpg", "train/train/images/1.jpg"],
        "TEST": ["test/test/images/2.jpg", "test/val/valid/images/2.jpg"],
    }
    assert list(tmp_path.glob("*import*")) == []
    exported = tmp_path / "exported"
    succeeds(server, "export", "yolo", exported, "--project", project, "--images")
    assert "val: images/val" in (exported / "data.yaml").read_text()
    assert len(list((exported / "images" / "val").rglob("*.jpg"))) == 2
    assert len(list((exported / "labels" / "train").rglob("*.txt"))) == 2
