"""The whole main job on the built-in example sets, through boto3 alone."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lensmith.cli.connection.aws_services import connect
from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.training.progress import follow_trainings
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.examples.annotate import annotate
from lensmith.examples.circuit_boards import CIRCUIT_BOARDS
from lensmith.examples.drawn_image import DrawnImage, ExampleSet
from lensmith.examples.flowers import FLOWERS

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef, S3ObjectTypeDef
    from mypy_boto3_s3 import S3Client

BUCKET = "custom-labels-quickstart"
_SPLITS = {"train": 60, "test": 30, "unseen": 2}
_MIN_CONFIDENCE = 50
_POLL_SECONDS = 0.1


@dataclass(slots=True)
class Walk:
    """One example set on its way from drawing to detection."""

    example: ExampleSet
    project_arn: str = ""
    version_arn: str = ""
    f1_score: float = 0.0
    training_seconds: float = 0.0
    start_seconds: float = 0.0
    pictures: dict[str, Sequence[DrawnImage]] = field(default_factory=dict)
    detections: dict[str, list[Detection]] = field(default_factory=dict)  # file name -> found


class QuickstartError(LensmithError):
    """A step did not end as it should; the message says which and why."""


def walk_through(settings: Settings, profile: str, output: Path, console: Console) -> None:
    """Draw, upload, train, start, detect and show, against a server that runs already.

    Raises QuickstartError when a dataset or a model ends in a failed state.
    """
    services = connect(profile, None)
    rekognition, s3 = services.rekognition, services.s3
    walks = [Walk(FLOWERS), Walk(CIRCUIT_BOARDS)]
    _draw_and_upload(s3, walks, console)
    version = time.strftime("%Y-%m-%dT%H.%M.%S")
    for walk in walks:
        _create_datasets(rekognition, walk)
        _train(rekognition, walk, version)
    follow_trainings(settings, {w.version_arn: w.example.name for w in walks}, console)
    for walk in walks:
        _read_evaluation(rekognition, walk, version)
        _start(rekognition, walk, version)
        _detect(rekognition, walk)
    saved = _save_annotated(walks, output)
    console.print(_models(walks))
    console.print(_found(walks))
    console.print(f"Annotated pictures: {', '.join(str(path) for path in saved)}")


def _draw_and_upload(s3: S3Client, walks: Sequence[Walk], console: Console) -> None:
    existing = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    if BUCKET not in existing:
        s3.create_bucket(Bucket=BUCKET)
    total = sum(_SPLITS.values())
    with _bar(console) as bar, ThreadPoolExecutor(4) as pool:
        for walk in walks:
            task = bar.add_task(f"Drawing and uploading {walk.example.name}", total=total)
            for split, count in _SPLITS.items():
                walk.pictures[split] = walk.example.images(split, count)
                uploads = [
                    pool.submit(_upload, s3, f"{walk.example.name}/{split}", picture)
                    for picture in walk.pictures[split]
                ]
                for upload in uploads:
                    upload.result()
                    bar.advance(task)
                _upload_manifest(s3, walk, split)


def _upload(s3: S3Client, folder: str, picture: DrawnImage) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"{folder}/{picture.name}", Body=picture.jpeg())


def _upload_manifest(s3: S3Client, walk: Walk, split: str) -> None:
    folder = f"s3://{BUCKET}/{walk.example.name}/{split}"
    lines = [picture.manifest_line(folder) for picture in walk.pictures[split]]
    key = f"{walk.example.name}/{split}.manifest"
    s3.put_object(Bucket=BUCKET, Key=key, Body="\n".join(lines).encode())


def _create_datasets(rekognition: RekognitionClient, walk: Walk) -> None:
    name = walk.example.name
    found = rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    if found:
        walk.project_arn = found[0]["ProjectArn"]
        return
    walk.project_arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    splits: dict[DatasetTypeType, str] = {"TRAIN": "train", "TEST": "test"}
    for dataset_type, split in splits.items():
        stored: S3ObjectTypeDef = {"Bucket": BUCKET, "Name": f"{name}/{split}.manifest"}
        arn = rekognition.create_dataset(
            ProjectArn=walk.project_arn,
            DatasetType=dataset_type,
            DatasetSource={"GroundTruthManifest": {"S3Object": stored}},
        )["DatasetArn"]
        _wait_for_dataset(rekognition, arn)


def _wait_for_dataset(rekognition: RekognitionClient, arn: str) -> None:
    while True:
        dataset = rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
        if dataset["Status"] == "CREATE_COMPLETE":
            return
        if dataset["Status"] != "CREATE_IN_PROGRESS":
            raise QuickstartError(f"{arn}: {dataset['StatusMessage']}")
        time.sleep(_POLL_SECONDS)


def _train(rekognition: RekognitionClient, walk: Walk, version: str) -> None:
    walk.version_arn = rekognition.create_project_version(
        ProjectArn=walk.project_arn,
        VersionName=version,
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": f"{walk.example.name}/results"},
    )["ProjectVersionArn"]


def _read_evaluation(rekognition: RekognitionClient, walk: Walk, version: str) -> None:
    (described,) = rekognition.describe_project_versions(
        ProjectArn=walk.project_arn, VersionNames=[version]
    )["ProjectVersionDescriptions"]
    if described["Status"] != "TRAINING_COMPLETED":
        raise QuickstartError(f"{walk.version_arn}: {described['StatusMessage']}")
    walk.f1_score = described["EvaluationResult"]["F1Score"]
    walk.training_seconds = described["BillableTrainingTimeInSeconds"]


def _start(rekognition: RekognitionClient, walk: Walk, version: str) -> None:
    began = time.monotonic()
    rekognition.start_project_version(ProjectVersionArn=walk.version_arn, MinInferenceUnits=1)
    while True:
        (described,) = rekognition.describe_project_versions(
            ProjectArn=walk.project_arn, VersionNames=[version]
        )["ProjectVersionDescriptions"]
        if described["Status"] == "RUNNING":
            walk.start_seconds = time.monotonic() - began
            return
        if described["Status"] != "STARTING":
            raise QuickstartError(f"{walk.version_arn}: {described['StatusMessage']}")
        time.sleep(_POLL_SECONDS)


def _detect(rekognition: RekognitionClient, walk: Walk) -> None:
    for picture in walk.pictures["unseen"]:
        key = f"{walk.example.name}/unseen/{picture.name}"
        found = rekognition.detect_custom_labels(
            ProjectVersionArn=walk.version_arn,
            MinConfidence=_MIN_CONFIDENCE,
            Image={"S3Object": {"Bucket": BUCKET, "Name": key}},
        )["CustomLabels"]
        walk.detections[picture.name] = [_detection(label) for label in found]


def _detection(label: CustomLabelTypeDef) -> Detection:
    box = None
    if "Geometry" in label:
        found = label["Geometry"]["BoundingBox"]
        box = Box(found["Left"], found["Top"], found["Width"], found["Height"])
    return Detection(label["Name"], label["Confidence"] / 100, box)


def _save_annotated(walks: Sequence[Walk], output: Path) -> list[Path]:
    output.mkdir(parents=True, exist_ok=True)
    saved = []
    for walk in walks:
        for picture in walk.pictures["unseen"]:
            image = Image.open(io.BytesIO(picture.jpeg()))
            drawn = annotate(image, walk.detections[picture.name], walk.example.labels)
            path = output / f"{walk.example.name}-{Path(picture.name).stem}.png"
            drawn.save(path)
            saved.append(path)
    return saved


def _models(walks: Sequence[Walk]) -> Table:
    table = plain_table("Trained and started")
    table.add_column("Model")
    for column in ("Labels", "Training pictures", "F1", "Training", "Start"):
        table.add_column(column, justify="right")
    for walk in walks:
        table.add_row(
            walk.example.name,
            str(len(walk.example.labels)),
            str(len(walk.pictures["train"])),
            f"{walk.f1_score:.3f}",
            f"{walk.training_seconds:.0f} s",
            f"{walk.start_seconds:.2f} s",
        )
    return table


def _found(walks: Sequence[Walk]) -> Table:
    table = plain_table("Found in unseen pictures")
    table.add_column("Picture")
    table.add_column("Label")
    table.add_column("Confidence", justify="right")
    for walk in walks:
        for picture in walk.pictures["unseen"]:
            for row, detection in enumerate(walk.detections[picture.name]):
                name = picture.name if row == 0 else ""
                table.add_row(name, detection.name, f"{detection.confidence:.1%}")
    return table


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<36}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
