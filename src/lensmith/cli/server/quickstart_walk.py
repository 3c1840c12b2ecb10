"""The whole main job on two example projects: create, train, start, detect, show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lensmith.cli.connection.aws_services import connect, connect_lensmith
from lensmith.cli.connection.lensmith_api import LensmithApi
from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.training.progress import follow_trainings
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection
from lensmith.examples.annotate import annotate
from lensmith.examples.example_project import CIRCUIT_BOARDS, FLOWERS, ExampleProject

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef

_MIN_CONFIDENCE = 50
_POLL_SECONDS = 0.1


@dataclass(slots=True)
class Walk:
    """One example on its way from its pictures to detection."""

    example: ExampleProject
    project: str = ""
    project_arn: str = ""
    version_arn: str = ""
    bucket: str = ""
    f1_score: float = 0.0
    training_seconds: float = 0.0
    start_seconds: float = 0.0
    detections: list[Detection] = field(default_factory=list)  # in the picture of neither dataset


class QuickstartError(LensmithError):
    """A step did not end as it should; the message says which and why."""


def walk_through(settings: Settings, profile: str, output: Path, console: Console) -> None:
    """Create, train, start, detect and show, against a server that runs already.

    Raises QuickstartError when an example or a model ends in a failed state.
    """
    rekognition = connect(profile, None).rekognition
    api = connect_lensmith(profile, None)
    walks = [Walk(FLOWERS), Walk(CIRCUIT_BOARDS)]
    version = time.strftime("%Y-%m-%dT%H.%M.%S")
    with _bar(console) as bar:
        for walk in walks:
            _create(api, walk, bar)
    for walk in walks:
        _train(rekognition, walk, version)
    follow_trainings(settings, {w.version_arn: w.project for w in walks}, console)
    for walk in walks:
        _read_evaluation(rekognition, walk, version)
        _start(rekognition, walk, version)
        _detect(rekognition, walk)
    saved = _save_annotated(walks, output)
    console.print(_models(walks))
    console.print(_found(walks))
    console.print(f"Annotated pictures: {', '.join(str(path) for path in saved)}")


def _create(api: LensmithApi, walk: Walk, bar: Progress) -> None:
    """Make the next project of the example and wait until its datasets are there."""
    name = walk.example.name
    shown = bar.add_task(f"Creating {name}", total=None)
    started = api.call("POST", f"/_lensmith/examples/{name}", b"{}")
    while (task := api.call("GET", f"/_lensmith/tasks/{started['task']}"))["state"] == "running":
        if task["total"]:
            bar.update(shown, completed=task["done"], total=task["total"])
        time.sleep(_POLL_SECONDS)
    if task["state"] != "completed":
        raise QuickstartError(f"{name}: {(task['error'] or {}).get('message', task['state'])}")
    total = sum(task["result"]["images"].values())
    bar.update(shown, completed=total, total=total)
    _note(walk, task["result"])


def _note(walk: Walk, created: dict[str, Any]) -> None:
    walk.project = created["project"]
    walk.project_arn = created["project_arn"]
    walk.bucket = created["sample"].removeprefix("s3://").partition("/")[0]


def _train(rekognition: RekognitionClient, walk: Walk, version: str) -> None:
    walk.version_arn = rekognition.create_project_version(
        ProjectArn=walk.project_arn,
        VersionName=version,
        OutputConfig={"S3Bucket": walk.bucket, "S3KeyPrefix": f"evaluation/{walk.project}"},
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
    found = rekognition.detect_custom_labels(
        ProjectVersionArn=walk.version_arn,
        MinConfidence=_MIN_CONFIDENCE,
        Image={"Bytes": walk.example.sample.read_bytes()},
    )["CustomLabels"]
    walk.detections = [_detection(label) for label in found]


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
        image = Image.open(walk.example.sample)
        path = output / f"{walk.example.name}.png"
        annotate(image, walk.detections, walk.example.labels()).save(path)
        saved.append(path)
    return saved


def _models(walks: Sequence[Walk]) -> Table:
    table = plain_table("Trained and started")
    table.add_column("Model")
    for column in ("Labels", "Training pictures", "F1", "Training", "Start"):
        table.add_column(column, justify="right")
    for walk in walks:
        table.add_row(
            walk.project,
            str(len(walk.example.labels())),
            str(len(walk.example.annotations("train"))),
            f"{walk.f1_score:.3f}",
            f"{walk.training_seconds:.0f} s",
            f"{walk.start_seconds:.2f} s",
        )
    return table


def _found(walks: Sequence[Walk]) -> Table:
    table = plain_table("Found in pictures of neither dataset")
    table.add_column("Picture")
    table.add_column("Label")
    table.add_column("Confidence", justify="right")
    for walk in walks:
        for row, detection in enumerate(walk.detections):
            name = walk.example.sample.name if row == 0 else ""
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
