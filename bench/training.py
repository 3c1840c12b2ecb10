"""Real image sets, trained, started and used through the API as a user would.

`LENSMITH_DATA=../shared/data python -m bench training [set ...]` prints the table and writes
bench/results/training.json. Each set is a folder with images/, train.manifest and test.manifest.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer

from bench.outcomes import write_results
from lensmith.cli.training.progress import follow_trainings
from lensmith.config import Settings

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

SETS = ("grocery", "bccd")
_BUCKET = "custom-labels-bench"


def main() -> None:
    """Train every set on a server of its own directory; nothing of it is kept."""
    if "LENSMITH_DATA" not in os.environ:
        Console().print("LENSMITH_DATA is not set; see the README. Skipped.")
        return
    data = Path(os.environ["LENSMITH_DATA"])
    with tempfile.TemporaryDirectory() as directory:
        server = LiveServer(Path(directory))
        server.start()
        try:
            rows = {name: measure(server, data / name) for name in sys.argv[1:] or SETS}
        finally:
            server.stop()
    write_results("training", rows)
    Console().print(_table(rows))


def measure(server: LiveServer, folder: Path) -> dict[str, Any]:
    """Upload a set, train and start a version of it; what the API says of that."""
    rekognition, s3 = server.rekognition(), server.s3()
    _upload(s3, folder)
    project = rekognition.create_project(ProjectName=folder.name)["ProjectArn"]
    version = rekognition.create_project_version(
        ProjectArn=project,
        VersionName="bench",
        OutputConfig={"S3Bucket": _BUCKET, "S3KeyPrefix": f"{folder.name}/results"},
        TrainingData={"Assets": [_asset(f"{folder.name}/train.manifest")]},
        TestingData={"Assets": [_asset(f"{folder.name}/test.manifest")]},
    )["ProjectVersionArn"]
    settings = Settings.from_environment({"LENSMITH_HOME": str(server.home / "data")})
    follow_trainings(settings, {version: folder.name}, Console())
    return _report(rekognition, s3, project, version)


def _upload(s3: S3Client, folder: Path) -> None:
    if _BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=_BUCKET)
    images = sorted((folder / "images").iterdir())
    with ThreadPoolExecutor(8) as pool:
        keys = [f"{folder.name}/images/{image.name}" for image in images]
        list(
            pool.map(
                lambda pair: s3.upload_file(str(pair[0]), _BUCKET, pair[1]),
                zip(images, keys, strict=True),
            )
        )
    for split in ("train", "test"):
        text = (
            (folder / f"{split}.manifest").read_text().replace("s3://BUCKET/", f"s3://{_BUCKET}/")
        )
        s3.put_object(Bucket=_BUCKET, Key=f"{folder.name}/{split}.manifest", Body=text.encode())


def _asset(key: str) -> Any:
    return {"GroundTruthManifest": {"S3Object": {"Bucket": _BUCKET, "Name": key}}}


def _report(
    rekognition: RekognitionClient, s3: S3Client, project: str, version: str
) -> dict[str, Any]:
    (described,) = rekognition.describe_project_versions(ProjectArn=project)[
        "ProjectVersionDescriptions"
    ]
    if described["Status"] != "TRAINING_COMPLETED":
        raise SystemExit(described["StatusMessage"])
    stored = described["EvaluationResult"]["Summary"]["S3Object"]
    body = s3.get_object(Bucket=stored["Bucket"], Key=stored["Name"])["Body"].read()
    summary = json.loads(body)["AggregatedEvaluationResults"]
    return {
        "training_seconds": described["BillableTrainingTimeInSeconds"],
        "seconds_to_running": round(_start(rekognition, project, version), 2),
        "f1": round(summary["F1Score"], 4),
        "ap50": round(summary["AveragePrecision"], 4) if "AveragePrecision" in summary else None,
        "top1": _top1(summary),
    }


def _start(rekognition: RekognitionClient, project: str, version: str) -> float:
    began = time.monotonic()
    rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    while True:
        (described,) = rekognition.describe_project_versions(ProjectArn=project)[
            "ProjectVersionDescriptions"
        ]
        if described["Status"] == "RUNNING":
            return time.monotonic() - began
        if described["Status"] != "STARTING":
            raise SystemExit(described["StatusMessage"])
        time.sleep(0.02)


def _top1(summary: dict[str, Any]) -> float | None:
    """Mean of the confusion matrix' diagonal: top-1 accuracy averaged over the labels."""
    cells = summary.get("ConfusionMatrix", [])
    hits = [c["Value"] for c in cells if c["GroundTruthLabel"] == c["PredictedLabel"]]
    return round(sum(hits) / len(hits), 4) if hits else None


def _table(rows: dict[str, dict[str, Any]]) -> Table:
    table = Table("set")
    for column in ("training s", "start to RUNNING s", "F1", "AP50", "top-1"):
        table.add_column(column, justify="right")
    for name, row in rows.items():
        table.add_row(name, *("" if value is None else f"{value:g}" for value in row.values()))
    return table


if __name__ == "__main__":
    main()
