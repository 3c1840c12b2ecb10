"""Projects and datasets by the everyday verbs; tests/cli/training has models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.e2e.drawn import flowers
from tests.e2e.lab import Lab, unused_name
from tests.support.live_server import LiveServer
from tests.support.sharing import plant_model
from typer.testing import CliRunner, Result

from lensmith.cli import app
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.store.records.engine import Records


def lensmith(server: LiveServer, *arguments: str | Path) -> Result:
    """Run a command in this process; it finds its server by LENSMITH_HOME alone."""
    environment = {"LENSMITH_HOME": str(server.home / "data"), "COLUMNS": "80"}
    return CliRunner().invoke(app, [*map(str, arguments)], env=environment)


def says(server: LiveServer, *arguments: str | Path) -> str:
    done = lensmith(server, *arguments)
    assert done.exception is None, done.exception
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80 or "create" in arguments  # which prints an ARN
    return "\n".join(" ".join(line.split()) for line in lines)


def refuses(server: LiveServer, *arguments: str | Path) -> str:
    done = lensmith(server, *arguments)
    assert isinstance(done.exception, LensmithError)
    return str(done.exception)


def test_a_dataset_is_split_shown_and_deleted(server: LiveServer) -> None:
    lab, project = Lab.open(server), unused_name("verbs")
    assert "There is no project" in refuses(server, "train", project)
    assert project in says(server, "project", "create", project)
    assert "no dataset yet" in says(server, "dataset", "show", project)
    manifest = lab.upload(project, flowers("train", 5))
    place = f"s3://{manifest['Bucket']}/{manifest['Name']}"
    says(server, "dataset", "create", project, "--manifest", place)
    split = says(server, "dataset", "split", project)
    assert f"{project} train: 12 entries, 12 with labels, 0 with errors" in split
    shown = says(server, "dataset", "show", project)
    assert f"{project} test: 3 entries" in shown
    assert "daisy 1" in shown
    assert "--yes" in refuses(server, "dataset", "delete", project, "--type", "test")
    says(server, "dataset", "delete", project, "--type", "test", "--yes")
    assert "no test dataset" in refuses(server, "dataset", "delete", project, "--type", "test")


def test_a_project_goes_with_everything(server: LiveServer) -> None:
    name = unused_name("verbs")
    says(server, "project", "create", name)
    says(server, "dataset", "create", name)
    assert f"{name} 0 - -" in says(server, "project", "list")
    assert "It has none yet" in refuses(server, "delete", name, "v1")
    assert "0 models" in says(server, "project", "delete", name, "--yes")
    assert name not in says(server, "list")
    assert "There is no project" in refuses(server, "delete", name, "--yes")


def test_a_model_is_copied(server: LiveServer) -> None:
    source, target = unused_name("verbs"), unused_name("verbs")
    for name in (source, target):
        says(server, "project", "create", name)
    rekognition = server.rekognition()
    (described,) = rekognition.describe_projects(ProjectNames=[source])["ProjectDescriptions"]
    data = server.home / "data"
    records = Records.of(Settings(data))
    version = plant_model(data, records, described["ProjectArn"])
    records.close()
    copied = says(server, "copy", source, "v1", target)
    assert copied.startswith(f"{target} v1 is COPYING_COMPLETED.")
    assert f"lensmith start {target} v1" in copied
    arns = (described["ProjectArn"], version.arn)
    begun = says(server, "copy", *arns, target, "v2", "--no-wait")
    assert f"{target} v2 is being copied" in begun
    assert "has no version v9. It has v1." in refuses(server, "copy", source, "v9", target)
    assert "the ARN of one of its versions" in refuses(
        server, "copy", described["ProjectArn"], "v1", target
    )
    assert "a version named v1" in refuses(server, "copy", source, "v1", target)


def test_the_version_is_shown(server: LiveServer) -> None:
    assert says(server, "--version").startswith("lensmith 0.")


def test_a_user_is_disabled_rotated_and_deleted(server: LiveServer, tmp_path: Path) -> None:
    says(server, "user", "create", "visitor")
    before = server.rekognition("visitor")
    assert "ProjectDescriptions" in before.describe_projects()
    says(server, "user", "disable", "visitor")
    with pytest.raises(ClientError, match="security token"):
        before.describe_projects()
    assert "disabled" in says(server, "user", "list")
    says(server, "user", "enable", "visitor")
    assert "ProjectDescriptions" in before.describe_projects()

    policy = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Action": "rekognition:ListTagsForResource", "Resource": "*"}
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert "1 policy now" in says(server, "user", "set-policy", "visitor", str(policy))
    with pytest.raises(ClientError, match="AccessDenied"):
        before.describe_projects()

    says(server, "user", "disable", "visitor")
    assert "Secret access key: " in says(server, "user", "rotate", "visitor")
    says(server, "user", "enable", "visitor")
    server.forget_keys("visitor")
    with pytest.raises(ClientError, match="security token"):
        before.describe_projects()
    with pytest.raises(ClientError, match="AccessDenied"):
        server.rekognition("visitor").describe_projects()
    assert "--yes" in refuses(server, "user", "delete", "visitor")
    says(server, "user", "delete", "visitor", "--yes")
    assert "visitor" not in says(server, "user", "list")
    for verb in ("disable", "enable", "rotate"):
        assert "There is no user visitor" in refuses(server, "user", verb, "visitor")
    assert "made again" in refuses(server, "user", "delete", "admin", "--yes")
