"""Imports through the console's route, with the real store and the real worker."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from tests.manifest.lines import image_line
from tests.support.browser_session import Answer, BrowserSession
from tests.support.eventually import until
from tests.support.labelled_dataset import LabelledDataset, finished
from tests.support.living_folder import files_below

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


def picture(shade: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (100, 80), (shade, 99, 99)).save(file, "PNG")
    return file.getvalue()


def packed(files: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture
def project(rekognition: RekognitionClient) -> str:
    name = f"imported-{uuid.uuid4().hex[:8]}"
    rekognition.create_project(ProjectName=name)
    return name


class Importer:
    def __init__(self, rekognition: RekognitionClient, browser: BrowserSession, project: str):
        self.rekognition, self.browser, self.project = rekognition, browser, project

    def start(self, type_: str = "train", **source: Any) -> Answer:
        body = {"project": self.project, "type": type_, "source": source}
        return self.browser.post("/_lensmith/imports", body)

    def run(self, type_: str = "train", **source: Any) -> dict[str, Any]:
        started = self.start(type_, **source)
        assert started.status == 202, started.body
        return finished(self.browser, started.json["task"])

    def dataset(self) -> LabelledDataset:
        (found,) = self.rekognition.describe_projects(ProjectNames=[self.project])[
            "ProjectDescriptions"
        ]
        (dataset,) = found["Datasets"]
        arn = dataset["DatasetArn"]
        return LabelledDataset(self.rekognition, self.browser, self.project, arn)

    def has_dataset(self) -> bool:
        (found,) = self.rekognition.describe_projects(ProjectNames=[self.project])[
            "ProjectDescriptions"
        ]
        return bool(found["Datasets"])


@pytest.fixture
def importer(rekognition: RekognitionClient, browser: BrowserSession, project: str) -> Importer:
    return Importer(rekognition, browser, project)


def put_devices(s3: S3Client, bucket: str) -> None:
    for key in (
        "alexa-devices/root.jpg",
        "alexa-devices/echo/a.png",
        "alexa-devices/echo/readme.txt",
        "alexa-devices/echo-dot/b.PNG",
        "alexa-devices/echo-dot/white-echo-dots/c.jpeg",
        "elsewhere/d.png",
    ):
        s3.put_object(Bucket=bucket, Key=key, Body=picture())


@pytest.mark.parametrize(
    ("folder", "labels"),
    [
        (
            "alexa-devices",
            {"root.jpg": [], "a.png": ["echo"], "b.PNG": ["echo-dot"], "c.jpeg": ["echo-dot"]},
        ),
        ("alexa-devices/echo-dot/", {"b.PNG": [], "c.jpeg": ["white-echo-dots"]}),
    ],
)
def test_the_first_folder_below_the_prefix_is_the_label(
    importer: Importer, s3: S3Client, bucket: str, folder: str, labels: dict[str, list[str]]
) -> None:
    put_devices(s3, bucket)
    task = importer.run(format="s3-folder", uri=f"s3://{bucket}/{folder}", folder_labels=True)
    assert task["state"] == "completed", task
    dataset = importer.dataset()
    assert task["result"]["dataset_arn"] == dataset.arn
    assert task["result"]["images"] == len(labels)
    images = dataset.images()["images"]
    assert {image["name"]: image["image_labels"] for image in images} == labels


def test_without_labels_all_images_are_unlabelled(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    put_devices(s3, bucket)
    importer.run(format="s3-folder", uri=f"s3://{bucket}/alexa-devices/", folder_labels=False)
    assert importer.dataset().images()["counts"]["unlabeled"] == 4


def test_dropped_lines_are_told_by_number_and_reason(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    good = [json.dumps(image_line("fog", image=f"s3://{bucket}/{n}.png")) for n in range(20)]
    bad = ["not json", '{"a": 1}', '{"source-ref": "nowhere"}', good[0]]
    body = "\n".join([*good[:3], bad[0], *good[3:], *bad[1:]])
    s3.put_object(Bucket=bucket, Key="in.manifest", Body=body.encode())
    task = importer.run(format="ground-truth", uri=f"s3://{bucket}/in.manifest")
    assert task["state"] == "completed"
    result = task["result"]
    assert (result["images"], result["labels"], result["dropped_total"]) == (20, 1, 4)
    assert [(each["line"], each["code"]) for each in result["dropped"]] == [
        (4, "NOT_AN_OBJECT"),
        (22, "NO_SOURCE_REF"),
        (23, "MALFORMED_SOURCE_REF"),
        (24, "REPEATED_SOURCE_REF"),
    ]
    assert result["dropped"][3]["source_ref"] == f"s3://{bucket}/0.png"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "ERROR_EMPTY_MANIFEST"),
        (b"just\ntext\n", "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
    ],
)
def test_a_failed_import_leaves_no_dataset_behind(
    importer: Importer, s3: S3Client, bucket: str, body: bytes, code: str
) -> None:
    s3.put_object(Bucket=bucket, Key="in.txt", Body=body)
    task = importer.run(format="ground-truth", uri=f"s3://{bucket}/in.txt")
    assert (task["state"], task["error"]["code"]) == ("failed", code)
    assert task["error"]["message"]
    assert task["result"] is None
    assert not importer.has_dataset()
    nothing = importer.run(format="s3-folder", uri=f"s3://{bucket}/nothing/")
    assert nothing["state"] == "failed"
    assert not importer.has_dataset()


def coco() -> str:
    return json.dumps(
        {
            "images": [
                {"id": 1, "file_name": "a.png", "width": 100, "height": 80},
                {"id": 2, "file_name": "b.png", "width": 100, "height": 80},
                {"id": 3, "file_name": "missing.png", "width": 100, "height": 80},
            ],
            "annotations": [
                {"id": 1, "image_id": 1, "category_id": 5, "bbox": [10, 10, 20, 20]},
                {"id": 2, "image_id": 1, "category_id": 6, "bbox": [40, 40, 20, 20]},
            ],
            "categories": [{"id": 5, "name": "bolt"}, {"id": 6, "name": "nut"}],
        }
    )


VOC = (
    "<annotation><filename>a.png</filename><size><width>100</width><height>80</height></size>"
    "<object><name>bolt</name><bndbox><xmin>10</xmin><ymin>10</ymin><xmax>30</xmax>"
    "<ymax>30</ymax></bndbox></object></annotation>"
)


@pytest.mark.parametrize(
    ("format_", "files", "images", "labels", "dropped"),
    [
        ("coco", {"set/images/a.png": picture(), "set/images/b.png": picture(1),
                  "set/annotations/instances_train.json": coco(),
                  "set/annotations/instances_val.json": "{}"}, 2, ["bolt", "nut"], 1),
        ("yolo", {"data.yaml": "names: [bolt]\ntrain: train/images\n",
                  "train/images/a.png": picture(), "train/labels/a.txt": "0 0.5 0.5 0.2 0.2\n",
                  "train/images/b.png": picture(1)}, 2, ["bolt"], 0),
        ("voc", {"JPEGImages/a.png": picture(), "Annotations/a.xml": VOC}, 1, ["bolt"], 0),
        ("cvat", {"annotations.xml": "<annotations><image id='0' name='a.png' width='100' "
                  "height='80'><box label='bolt' xtl='1' ytl='1' xbr='30' ybr='30'/></image>"
                  "</annotations>", "images/a.png": picture()}, 1, ["bolt"], 0),
        ("label-studio", {"export.csv": "image,id,choice,annotator\n/1/0a1b2c3d-a.png,1,fog,1\n",
                          "a.png": picture()}, 1, ["fog"], 0),
        ("csv", {"labels.csv": "a.png,fog\nb.png,rain,fog\n", "a.png": picture(),
                 "b.png": picture(1)}, 2, ["fog", "rain"], 0),
        ("folders", {"top/fog/a.png": picture(), "top/rain/b.png": picture(1),
                     "top/rain/no.png": b"text"}, 2, ["fog", "rain"], 1),
    ],
)  # fmt: skip
def test_archives_of_every_format_are_imported(
    importer: Importer,
    s3: S3Client,
    bucket: str,
    format_: str,
    files: dict[str, bytes | str],
    images: int,
    labels: list[str],
    dropped: int,
) -> None:
    s3.put_object(Bucket=bucket, Key="set.zip", Body=packed(files))
    task = importer.run(format=format_, uri=f"s3://{bucket}/set.zip")
    assert task["state"] == "completed", task
    result = task["result"]
    assert (result["images"], result["labels"]) == (images, len(labels))
    assert result["dropped_total"] == len(result["dropped"]) == dropped
    noted = [each["code"] for each in result["notes"]]
    assert noted == (["NO_LABEL_FILE"] if format_ == "yolo" else [])
    dataset = importer.dataset()
    assert sorted(dataset.labels()) == labels
    shown = dataset.images()["images"][0]
    answer = importer.browser.get(f"/_lensmith/pictures/{shown['bucket']}/{shown['key']}?size=64")
    assert answer.status == 200
    assert list((importer.browser.server.home / "data" / "imports").iterdir()) == []


def test_a_divided_archive_fills_both_datasets(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    parts = {"train": ("fog", "rain"), "valid": ("fog",), "test": ("rain",)}
    files: dict[str, bytes | str] = {
        f"{part}/{label}/{part}.png": picture(number)
        for part, labels in parts.items()
        for number, label in enumerate(labels)
    }
    s3.put_object(Bucket=bucket, Key="whole.zip", Body=packed({"fog/a.png": picture()}))
    s3.put_object(Bucket=bucket, Key="set.zip", Body=packed(files))
    source = {"format": "folders", "divided": True}
    undivided = importer.run("test", uri=f"s3://{bucket}/whole.zip", **source)
    assert undivided["error"]["code"] == "PART_NOT_FOUND"
    assert not importer.has_dataset()
    for type_ in ("train", "test"):  # validation was held out, too
        result = importer.run(type_, uri=f"s3://{bucket}/set.zip", **source)["result"]
        assert (result["images"], result["labels"], result["dropped"]) == (2, 2, [])


def test_a_label_file_beside_its_images_needs_no_archive(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    for name in ("a.png", "b.png"):
        s3.put_object(Bucket=bucket, Key=f"set/{name}", Body=picture())
    s3.put_object(Bucket=bucket, Key="set/labels.csv", Body=b"a.png,fog\nb.png,rain\n")
    task = importer.run(format="csv", uri=f"s3://{bucket}/set/labels.csv")
    assert task["result"]["labels"] == 2
    image = importer.dataset().image("a.png")
    assert image["source_ref"] == f"s3://{bucket}/set/a.png"


def test_an_archive_that_leads_out_is_refused(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    data = packed({"../../escaped.png": picture(), "fog/a.png": picture()})
    s3.put_object(Bucket=bucket, Key="bad.zip", Body=data)
    task = importer.run(format="folders", uri=f"s3://{bucket}/bad.zip")
    assert (task["state"], task["error"]["code"]) == ("failed", "ARCHIVE_LEADS_OUT")
    assert not importer.has_dataset()
    left = files_below(importer.browser.server.home)
    assert not [path for path in left if path.name == "escaped.png"]


def test_what_is_not_there_is_refused_at_once(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    for source in (
        {"format": "s3-folder", "uri": "s3://no-such-bucket-anywhere/x/"},
        {"format": "ground-truth", "uri": f"s3://{bucket}/none.manifest"},
        {"format": "ground-truth", "uri": "nowhere"},
    ):
        answer = importer.start(**source)
        assert (answer.status, answer.code) == (400, "InvalidS3ObjectException")
    s3.put_object(Bucket=bucket, Key="x.txt", Body=b"1")
    odd = importer.start(format="yolo", uri=f"s3://{bucket}/x.txt")
    assert odd.code == "InvalidParameterException"
    assert importer.start(format="other", uri="s3://a/b").code == "SerializationException"
    assert not importer.has_dataset()


def test_a_dataset_is_not_replaced(importer: Importer, s3: S3Client, bucket: str) -> None:
    put_devices(s3, bucket)
    importer.run(format="s3-folder", uri=f"s3://{bucket}/alexa-devices/")
    again = importer.start(format="s3-folder", uri=f"s3://{bucket}/alexa-devices/")
    assert again.code == "ResourceAlreadyExistsException"
    assert importer.dataset().images()["total"] == 4


def test_a_second_import_of_a_dataset_waits_for_no_turn(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    put_devices(s3, bucket)
    source = {"format": "s3-folder", "uri": f"s3://{bucket}/alexa-devices/"}
    first, second = importer.start(**source), importer.start(**source)
    assert first.status == 202
    assert second.code in {"ResourceInUseException", "ResourceAlreadyExistsException"}
    assert finished(importer.browser, first.json["task"])["state"] == "completed"


def test_an_import_that_is_cancelled_leaves_no_dataset_behind(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    put_devices(s3, bucket)
    started = importer.start(format="s3-folder", uri=f"s3://{bucket}/alexa-devices/")
    importer.browser.delete(f"/_lensmith/tasks/{started.json['task']}")
    task = finished(importer.browser, started.json["task"])
    assert task["state"] in {"cancelled", "completed"}
    if task["state"] == "cancelled":
        until(lambda: not importer.has_dataset())


def test_an_import_has_the_rights_of_its_caller(
    importer: Importer,
    s3: S3Client,
    bucket: str,
    browser_of: Callable[..., BrowserSession],
    rekognition: RekognitionClient,
) -> None:
    put_devices(s3, bucket)
    source = {"format": "s3-folder", "uri": f"s3://{bucket}/alexa-devices/"}
    for actions in (["rekognition:*"], ["s3:*"], ["rekognition:Describe*", "s3:*"]):
        other = Importer(rekognition, browser_of(*actions), importer.project)
        assert other.start(**source).code == "AccessDeniedException"
    # It may begin, but not describe what it makes: a step of the import is refused.
    half = Importer(rekognition, browser_of("rekognition:CreateDataset", "s3:*"), importer.project)
    task = half.run(**source)
    assert task["state"] == "failed"
    assert "not authorized" in task["error"]["message"]
    assert not importer.has_dataset()


@pytest.fixture
def secret(browser: BrowserSession) -> Path:
    """A picture on the server's disk, three folders above an unpacked archive."""
    path = browser.server.home / "data" / "secret.png"
    path.write_bytes(picture(7))
    return path


def test_images_are_looked_for_in_s3_only(
    importer: Importer, s3: S3Client, bucket: str, secret: Path
) -> None:
    s3.put_object(Bucket=bucket, Key="set/labels.csv", Body=b"secret.png,fog\n")
    for images in (str(secret.parent), "data", "../..", f"file://{secret.parent}", "", "s3://"):
        answer = importer.start(format="csv", uri=f"s3://{bucket}/set/labels.csv", images=images)
        assert (answer.status, answer.code) == (400, "InvalidParameterException"), images
        assert "source.images" in answer.json["message"]
    assert not importer.has_dataset()


def coco_of(*names: str) -> str:
    images = [
        {"id": number, "file_name": name, "width": 100, "height": 80}
        for number, name in enumerate(names)
    ]
    return json.dumps({"images": images, "annotations": [], "categories": []})


@pytest.mark.parametrize("format_", ["csv", "coco", "voc", "yolo"])
def test_names_in_label_files_do_not_lead_to_the_disk_of_the_server(
    importer: Importer, s3: S3Client, bucket: str, secret: Path, format_: str
) -> None:
    names = ["good.png", str(secret), "../../../secret.png", f"file://{secret}"]
    files: dict[str, dict[str, bytes | str]] = {
        "csv": {"labels.csv": "".join(f"{name},fog\n" for name in names)},
        "coco": {"labels.json": coco_of(*names)},
        "voc": {f"{number}.xml": VOC.replace("a.png", name) for number, name in enumerate(names)},
        "yolo": {
            "data.yaml": "names: [bolt]\ntrain: train.txt\n",
            "train.txt": "\n".join(names),
            "good.txt": "",
        },
    }
    data = packed({**files[format_], "good.png": picture()})
    s3.put_object(Bucket=bucket, Key="set.zip", Body=data)
    task = importer.run(format=format_, uri=f"s3://{bucket}/set.zip")
    assert task["state"] == "completed", task
    assert [image["name"] for image in importer.dataset().images()["images"]] == ["good.png"]
    assert task["result"]["dropped_total"] == 3
    stored = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert not [each["Key"] for each in stored if each["Key"].endswith("secret.png")]


@pytest.mark.parametrize(
    ("format_", "name", "body", "said"),
    [
        ("csv", "set/twice.csv", b"a.png,fog\nb.png,fog\na.png,rain\n", "twice.csv names 1 images"),
        ("csv", "twice.zip", packed({"in/l.csv": "a.png,fog\na.png,fog\n", "a.png": picture()}),
         "first a.png. Keep one row for each."),
        ("coco", "odd.zip", packed({"l.json": "[", "a.png": picture()}), "odd.zip/l.json"),
        ("folders", "flat.zip", packed({"fog/a.txt": "1"}), "flat.zip"),
    ],
)  # fmt: skip
def test_a_failure_names_the_file_that_was_given(
    importer: Importer, s3: S3Client, bucket: str, format_: str, name: str, body: bytes, said: str
) -> None:
    s3.put_object(Bucket=bucket, Key=name, Body=body)
    task = importer.run(format=format_, uri=f"s3://{bucket}/{name}")
    assert task["state"] == "failed"
    assert said in task["error"]["message"]
    assert str(importer.browser.server.home) not in task["error"]["message"]


def test_a_damaged_archive_is_said_to_be_damaged(
    importer: Importer, s3: S3Client, bucket: str
) -> None:
    data = bytearray(packed({"fog/a.txt": bytes(range(256)) * 40}))
    data[40:60] = b"\xff" * 20
    s3.put_object(Bucket=bucket, Key="bad.zip", Body=bytes(data))
    task = importer.run(format="folders", uri=f"s3://{bucket}/bad.zip")
    assert (task["state"], task["error"]["code"]) == ("failed", "ARCHIVE_UNREADABLE")


def test_an_import_writes_only_what_its_caller_may_write(
    importer: Importer,
    s3: S3Client,
    bucket: str,
    browser_of: Callable[..., BrowserSession],
    rekognition: RekognitionClient,
) -> None:
    put_devices(s3, bucket)
    reader = browser_of("rekognition:*", "s3:Get*", "s3:List*")
    other = Importer(rekognition, reader, importer.project)
    answer = other.start(format="s3-folder", uri=f"s3://{bucket}/alexa-devices/")
    assert answer.code == "AccessDeniedException"
    assert "s3:PutObject" in answer.json["message"]


def test_texts_with_nul_are_refused(importer: Importer) -> None:
    answer = importer.start(format="s3-folder", uri="s3://a\0b/c")
    assert (answer.status, answer.code) == (400, "ValidationException")
    answer = importer.browser.get("/_lensmith/objects/some-bucket?prefix=a%00b")
    assert (answer.status, answer.code) == (400, "ValidationException")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    escaped = importer.start(format="s3-folder", uri="s3://none/\\u0000")
    assert escaped.code == "InvalidS3ObjectException"
