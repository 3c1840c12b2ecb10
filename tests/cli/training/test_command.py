"""`lensmith training`, `cancel` and `export-model` against a live server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bench.drawn.drawn_image import DrawnImage
from tests.e2e.drawn import boards, flowers
from tests.e2e.lab import Lab
from tests.support import command
from tests.support.command import Done
from tests.support.eventually import until
from tests.support.exported_model import found_by_script, unpack
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

from lensmith.domain.time_budget import TIME_BUDGET_TAG


@pytest.fixture(scope="module")
def lab(server: LiveServer) -> Lab:
    return Lab.open(server)


def lensmith(lab: Lab, *arguments: str, columns: int = 80) -> Done:
    environment = {**lab.server.environment(), "COLUMNS": str(columns)}
    return command.lensmith(environment, *arguments)


def train(lab: Lab, training: list[DrawnImage], testing: list[DrawnImage]) -> str:
    """Begin to train v1 of a new project, for an hour at most; the project's name."""
    arn = lab.create_project()
    name = arn.split("/")[1]

    def assets(part: str, pictures: list[DrawnImage]) -> Any:
        manifest = lab.upload(f"{name}/{part}", pictures)
        return {"Assets": [{"GroundTruthManifest": {"S3Object": manifest}}]}

    data = {"TrainingData": assets("train", training), "TestingData": assets("test", testing)}
    lab.train(arn, Tags={TIME_BUDGET_TAG: "3600"}, **data)
    return name


@pytest.fixture(scope="module")
def followed(lab: Lab) -> tuple[str, Done]:
    """A trained classifier's project and what `lensmith train` printed of it."""
    project = lab.create_project().split("/")[1]
    for part, pictures in (("train", flowers("train", 5)), ("test", flowers("test", 3))):
        manifest = lab.upload(f"{project}/{part}", pictures)
        place = f"s3://{manifest['Bucket']}/{manifest['Name']}"
        made = lensmith(lab, "dataset", "create", project, "--type", part, "--manifest", place)
        assert f"{project} {part}: {len(pictures)} entries" in made.stdout, made.stderr
    return project, lensmith(lab, "train", project)


def test_train_waits_and_shows_what_was_tried(lab: Lab, followed: tuple[str, Done]) -> None:
    project, done = followed
    assert done.returncode == 0, done.stderr
    assert f"Training {project} v1." in done.stdout
    assert f"{project} v1  TRAINING_COMPLETED" in done.stdout
    assert "Candidates" in done.stdout
    assert "Chosen: " in done.stdout
    assert "training images" in done.stdout
    assert "s of training" in done.stdout
    assert "Warning: daisy has " in done.stdout  # 3 test pictures in all
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "Training v1" in done.stderr


def test_json_holds_everything(lab: Lab, followed: tuple[str, Done]) -> None:
    done = lensmith(lab, "training", followed[0], "v1", "--json")
    state = json.loads(done.stdout)
    assert state["status"] == "TRAINING_COMPLETED"
    assert state["report"]["training_images"] == 15


def test_an_exported_model_runs(lab: Lab, followed: tuple[str, Done], tmp_path: Path) -> None:
    archive = tmp_path / "new folder" / "model.zip"
    done = lensmith(lab, "export-model", followed[0], "v1", str(archive))
    assert done.returncode == 0, done.stderr
    assert "python classify.py IMAGE" in done.stdout
    unpack(archive.read_bytes(), tmp_path)
    pictures = flowers("test", 3)  # whose best threshold the model has
    found = found_by_script(tmp_path, {each.name: each.jpeg() for each in pictures})
    right = [each.label in {label for label, *_ in found[each.name]} for each in pictures]
    assert sum(right) > len(pictures) / 2


def test_a_model_is_started_listed_and_stopped(lab: Lab, followed: tuple[str, Done]) -> None:
    project = followed[0]

    def says(*arguments: str) -> str:
        done = lensmith(lab, *arguments)
        assert done.returncode == 0, done.stderr
        return "\n".join(" ".join(line.split()) for line in done.stdout.splitlines())

    assert f"{project} v1 is RUNNING with 1 unit." in says("start", project)
    assert f"{project} 15 9 v1 RUNNING" in says("list", project)
    (described,) = json.loads(says("list", "--json", project))
    assert described["versions"][0]["units"] == 1
    status = says("status")
    assert f"{project}/v1 RUNNING 1 1" in status
    assert f"unit of {project}/v1" in status
    assert "lensmith stop" in lensmith(lab, "delete", project, "--yes").stderr
    assert f"{project} v1 is STOPPED." in says("stop", project)
    assert "No version" in lensmith(lab, "stop", project).stderr


def test_a_training_is_shown_while_it_runs_and_cancelled(lab: Lab) -> None:
    project = train(lab, boards("train", 12), boards("test", 3))
    caller = SignedCaller(lab.server)  # a command for each look would cost more than the training
    state = f"/_lensmith/projects/{project}/versions/v1/training"
    until(lambda: caller.call("GET", state), lambda state: bool(state["history"]))
    shown = lensmith(lab, "training", project, "v1").stdout
    assert "loss" in shown
    assert "TRAINING_IN_PROGRESS" in shown
    assert "s left" in shown
    cancelled = lensmith(lab, "cancel", project, "v1")
    assert cancelled.returncode == 0, cancelled.stderr
    assert "TRAINING_FAILED: The training was cancelled." in cancelled.stdout
    again = lensmith(lab, "cancel", project, "v1")
    assert (again.returncode, again.stdout) == (1, "")
    assert "Specified resource is in use" in again.stderr
    assert lensmith(lab, "training", project, "v1", "--follow").returncode == 1


def test_a_version_without_a_model_leaves_no_file(lab: Lab, tmp_path: Path) -> None:
    archive = tmp_path / "model.zip"
    for arguments in (["export-model", "none", "v1", str(archive)], ["training", "none", "v1"]):
        done = lensmith(lab, *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith("lensmith: ")
        assert "cannot be found" in done.stderr
    assert list(tmp_path.iterdir()) == []
