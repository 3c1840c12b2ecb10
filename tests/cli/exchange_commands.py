"""`lensmith import` and `export` as a user runs them, and what became of a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support import command
from tests.support.command import Done
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


def lensmith(server: LiveServer, *arguments: str | Path) -> Done:
    return command.lensmith({**server.environment(), "COLUMNS": "200"}, *arguments)


def succeeds(server: LiveServer, *arguments: str | Path) -> str:
    done = lensmith(server, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return " ".join(done.stdout.split())


def fails(server: LiveServer, *arguments: str | Path) -> str:
    done = lensmith(server, *arguments)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def entries(rekognition: RekognitionClient, project: str) -> list[dict[str, Any]]:
    (described,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
    (dataset,) = described["Datasets"]
    listed = rekognition.list_dataset_entries(DatasetArn=dataset["DatasetArn"])
    return [json.loads(line) for line in listed["DatasetEntries"]]
