"""A detector from the hub through a whole job: named, tried, cancelled; and chosen, started, asked.

Only the length of the trainings and the margin that decides between them are not what the server
would take: after two iterations nobody is better.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.e2e.drawn import PARTS, boards
from tests.e2e.lab import TRAINED, Lab, is_alive
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller
from tests.training.hub_detector.tiny_detectors import saved_detector

from lensmith.config import Settings
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.inference.predictor import Predictor
from lensmith.store.published.model import local_folder
from lensmith.store.records import leases, project_versions
from lensmith.store.records.engine import Records
from lensmith.store.records.leases import Lease
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.detector_selection.recipe import SelectionRecipe
from lensmith.training.detector_selection.train import train_best_detector
from lensmith.training.hub_detector.recipe import HubDetectorRecipe
from lensmith.training.job.run import run_job
from lensmith.training.job.workspace import Workspace

SHORT = HubDetectorRecipe(iterations=2, more_iterations=1, batch=2)
BUNDLED = DetectorRecipe(
    input_size=(128, 96), view=(128, 96), iterations=2, guard_seconds=200.0, warmup=1
)

TRAIN_SHORTLY = partial(train_best_detector, recipe=SelectionRecipe(BUNDLED, SHORT, min_lead=-1.0))


@dataclass(frozen=True, slots=True)
class Version:
    """v1 of a project of its own."""

    project_arn: str
    arn: str

    @property
    def path(self) -> str:
        return f"/_lensmith/projects/{self.project_arn.split('/')[1]}/versions/v1"


def test_a_named_detector_is_trained_started_and_asked(
    new_server: Callable[..., LiveServer], tmp_path: Path
) -> None:
    named = str(saved_detector("d-fine", tmp_path))
    server = new_server(LENSMITH_BACKBONES=named, LENSMITH_TRAINING_THREADS="1")
    server.start()
    lab, caller = Lab.open(server), SignedCaller(server)
    records = Records.of(Settings(server.home / "data"))
    try:
        first = train(lab)
        until(lambda: lab.job(first.arn).status is JobStatus.RUNNING)
        second = train(lab)
        job = claimed(records, second)  # before the server does, whose process is busy
        check_trial_is_cancelled(lab, caller, first)
        run_job(settings_of(server, named), records, job.id, job.fence, lambda _: TRAIN_SHORTLY)
        check_report(lab, caller, second, named)
        check_answers(lab, records, second)
    finally:
        records.close()
    assert server.stop() == 0


def train(lab: Lab) -> Version:
    """Begin to train on a few boards."""
    project_arn = lab.create_project()

    def assets(part: str, count: int) -> Any:
        manifest = lab.upload(f"{project_arn.split('/')[1]}/{part}", boards(part, count))
        return {"Assets": [{"GroundTruthManifest": {"S3Object": manifest}}]}

    data: Any = {"TrainingData": assets("train", 12), "TestingData": assets("test", 3)}
    return Version(project_arn, lab.train(project_arn, **data))


def claimed(records: Records, version: Version) -> Job:
    with records.write() as connection:
        job = leases.claim(connection, [JobKind.TRAIN], Lease("test", 3600), os.getpid())
    assert job is not None
    assert job.resource_arn == version.arn
    return job


def check_trial_is_cancelled(lab: Lab, caller: SignedCaller, version: Version) -> None:
    """In the midst of learning, in the process that the server started for it."""
    job = until(lambda: lab.job(version.arn), under_trial)
    assert job.progress is not None
    assert job.progress.loss is not None
    assert job.progress.eta_seconds is not None
    assert 0 < job.progress.step < job.progress.steps == 200
    process = psutil.Process(job.pid)
    caller.call("POST", f"{version.path}/cancel")
    until(lambda: is_alive(process), lambda alive: not alive)
    settings = Settings(lab.server.home / "data")
    workspace = Workspace.of(settings, job.id, job.fence).directory
    until(workspace.exists, lambda there: not there)


def under_trial(job: Job) -> bool:
    return job.progress is not None and (job.progress.phase, job.progress.trial) == ("trial", 1)


def settings_of(server: LiveServer, named: str) -> Settings:
    data = server.home / "data"
    return Settings(data, s3_port=server.s3_port, training_threads=1, backbones=(named,))


def check_report(lab: Lab, caller: SignedCaller, version: Version, named: str) -> None:
    description = lab.await_version(version.project_arn, TRAINED)
    assert lab.summary(description)["EvaluationDetails"]["Labels"] == list(PARTS)
    report = caller.call("GET", f"{version.path}/training")["report"]
    assert [trial["candidate"] for trial in report["trials"]] == [named, "bundled"]
    assert report["choice"]["trial"]["candidate"] == report["detector"]["detector"] == named
    assert report["detector"]["iterations"] == SHORT.iterations + SHORT.more_iterations


def check_answers(lab: Lab, records: Records, version: Version) -> None:
    """DetectCustomLabels says what the predictor says of the model that was installed."""
    lab.start(version.project_arn, version.arn)
    with records.read() as connection:
        trained = project_versions.find(connection, version.arn)
    assert trained is not None
    model = Predictor.open(local_folder(Settings(lab.server.home / "data"), trained), threads=1)
    (board,) = boards("unseen", 1)
    expected = model.predict(board.jpeg()).detections
    answered = lab.detect(version.arn, board.jpeg(), MinConfidence=0)
    assert answered
    assert [found["Name"] for found in answered] == [found.name for found in expected]
    for found, one in zip(answered, expected, strict=True):
        assert found["Confidence"] == pytest.approx(100 * one.confidence, abs=0.01)
        assert one.box is not None
        assert found["Geometry"]["BoundingBox"]["Left"] == pytest.approx(one.box.left, abs=1e-4)
