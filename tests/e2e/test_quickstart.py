"""What `make quickstart` and `make stop` run, with less time for the detector."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
import pytest
from PIL import Image
from tests.support.live_server import BIN, free_port

from lensmith.store.lock import current_holder

PROFILE = "custom-labels-access"


@dataclass
class Machine:
    """A person's own, as it was before: no profile, no data."""

    home: Path
    environment: dict[str, str]

    def lensmith(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(BIN / "lensmith"), *arguments],
            env=self.environment,
            cwd=self.home,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(
        tmp_path,
        {
            "HOME": str(tmp_path),
            "PATH": f"{BIN}{os.pathsep}{os.defpath}",
            "COLUMNS": "100",
            "LENSMITH_PORT": str(free_port()),
            "LENSMITH_S3_PORT": str(free_port()),
            "LENSMITH_TRAINING_BUDGET": "3",
        },
    )
    yield machine
    machine.lensmith("stop")


def test_one_command_trains_starts_and_detects(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = machine.lensmith("quickstart")
    assert "Trained and started" in told
    assert "Found in pictures of neither dataset" in told
    saved = sorted((machine.home / "quickstart-output").iterdir())
    assert len(saved) == 2
    for path in saved:
        with Image.open(path) as picture:
            assert picture.format == "PNG"

    address = re.search(r"^(http://127\.0\.0\.1:\d+)/#token=([\w-]+)$", told, re.MULTILINE)
    assert address
    signed_in = _post(f"{address[1]}/_lensmith/session", {"token": address[2]})
    assert signed_in["user_name"] == "admin"

    # The server stays, and the profile is all that unmodified code needs.
    monkeypatch.setenv("AWS_CONFIG_FILE", str(machine.home / ".aws" / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(machine.home / ".aws" / "credentials"))
    rekognition = boto3.Session(profile_name=PROFILE).client("rekognition")
    projects = rekognition.describe_projects()["ProjectDescriptions"]
    assert len(projects) == 2
    for project in projects:
        (version,) = rekognition.describe_project_versions(ProjectArn=project["ProjectArn"])[
            "ProjectVersionDescriptions"
        ]
        assert version["Status"] == "RUNNING"
        assert 0 <= version["EvaluationResult"]["F1Score"] <= 1

    machine.lensmith("stop")
    assert current_holder(machine.home / "lensmith-data") is None


def _post(url: str, body: dict[str, str]) -> dict[str, str]:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as reply:
        answer: dict[str, str] = json.load(reply)
    return answer
