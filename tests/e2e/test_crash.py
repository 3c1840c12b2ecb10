"""kill -9 of the server, a training or a worker: nothing acknowledged is lost, work goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.e2e.drawn import flowers
from tests.e2e.lab import RUNNING, TRAINED, Lab, kill
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.suspended import suspend

from lensmith.domain.job import Job, JobStatus
from lensmith.domain.project_version import SERVICE_FAULT
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        CustomLabelTypeDef,
        DatasetMetadataTypeDef,
        ProjectDescriptionTypeDef,
    )

CLIENTS = 4
AWAY = {"ResourceNotReadyException", "ProvisionedThroughputExceededException"}
"""What a client may be told while the model comes back."""

Labels = list["CustomLabelTypeDef"]


@pytest.fixture(scope="module")
def lab(killed_lab: Lab) -> Lab:
    return killed_lab


@pytest.fixture(scope="module")
def project_arn(lab: Lab) -> str:
    """A project with a training and a test dataset."""
    project_arn = lab.create_project(Tags={"garden": "south"})
    lab.import_manifest(project_arn, "TRAIN", lab.upload("train", flowers("train", 6)))
    lab.import_manifest(project_arn, "TEST", lab.upload("test", flowers("test", 3)))
    return project_arn


@pytest.fixture(scope="module")
def interrupted_arn(lab: Lab, project_arn: str) -> str:
    """A version whose training was interrupted by the death of the server, three times."""
    arn = lab.train(project_arn)
    for _ in range(2):
        until(lambda: phase(lab.job(arn)), bool)
        (training,) = lab.server.children("lensmith.training")
        kill(lab.server)
        until(partial(is_gone, training), message="the training outlives its server", timeout=1)
        lab.server.start()
    until(lambda: phase(lab.job(arn)), lambda now: now == "training")
    suspend_training(lab)  # else it may have ended when all has been asked
    acknowledged = lab.create_project(Tags={"made": "at the last moment"})
    before = everything(lab)
    orphan = lab.server.home / "data" / "files" / ".0123456789abcdef"
    kill(lab.server)
    orphan.mkdir()
    lab.server.start()

    assert everything(lab) == before
    assert not orphan.exists()
    lab.rekognition.delete_project(ProjectArn=acknowledged)
    return arn


@pytest.fixture(scope="module")
def running_arn(lab: Lab, project_arn: str, interrupted_arn: str) -> str:
    lab.await_version(project_arn, TRAINED)
    lab.start(project_arn, interrupted_arn)
    return interrupted_arn


def test_a_training_survives_its_server(lab: Lab, project_arn: str, interrupted_arn: str) -> None:
    ended = lab.await_version(project_arn, TRAINED)
    assert ended["EvaluationResult"]["F1Score"] > 0
    assert lab.job(interrupted_arn).attempts == 1
    assert len(lab.server.children("-s3.config")) == 1
    until(lambda: left_on_disk(lab.server), lambda left: left == [])


def test_a_running_model_survives_its_server(lab: Lab, project_arn: str, running_arn: str) -> None:
    with Load.on(lab, running_arn) as load:
        load.await_answers()
        restart(lab)
        assert lab.describe(project_arn)["Status"] in {"STARTING", "RUNNING"}
        lab.await_version(project_arn, RUNNING)
        load.await_answers()
    assert load.wrong == []
    assert load.refusals <= AWAY


def test_a_running_model_survives_its_worker(lab: Lab, project_arn: str, running_arn: str) -> None:
    (worker,) = lab.server.children("lensmith.serving.worker")
    statuses = set()

    def is_replaced() -> bool:
        statuses.add(lab.describe(project_arn)["Status"])
        workers = lab.server.children("lensmith.serving.worker")
        return bool(workers) and worker not in workers

    with Load.on(lab, running_arn) as load:
        load.await_answers()
        worker.kill()
        load.await_answers()
        until(is_replaced, bool)
        load.await_answers()
    assert statuses == {"RUNNING"}
    assert load.wrong == []
    assert load.refusals == set()


def test_what_was_acknowledged_is_done_after_the_server_died(
    lab: Lab, project_arn: str, running_arn: str
) -> None:
    """A stop and the deletion of a dataset, then a start and the deletion of a project."""
    emptied_arn = lab.create_project()
    dataset_arn = lab.rekognition.create_dataset(ProjectArn=emptied_arn, DatasetType="TRAIN")[
        "DatasetArn"
    ]
    lab.await_dataset(dataset_arn)
    lab.rekognition.stop_project_version(ProjectVersionArn=running_arn)
    lab.rekognition.delete_dataset(DatasetArn=dataset_arn)
    restart(lab)
    until(lambda: lab.describe(project_arn)["Status"], lambda status: status == "STOPPED")
    until(lambda: datasets(lab, emptied_arn), lambda left: left == [])
    lab.rekognition.start_project_version(ProjectVersionArn=running_arn, MinInferenceUnits=1)
    lab.rekognition.delete_project(ProjectArn=emptied_arn)
    restart(lab)
    lab.await_version(project_arn, RUNNING)
    assert lab.detect(running_arn, flowers("load", 1)[0].jpeg(), MinConfidence=0)
    until(lambda: projects(lab, emptied_arn), lambda left: left == [])


def test_a_killed_training_is_repeated(lab: Lab, project_arn: str) -> None:
    arn = lab.train(project_arn, "killed-once")
    kill_training(lab, arn, attempt=1)
    ended = lab.await_version(project_arn, TRAINED, "killed-once")
    assert ended["EvaluationResult"]["F1Score"] > 0
    assert lab.job(arn).attempts == 2


def test_a_training_killed_twice_fails(lab: Lab, project_arn: str) -> None:
    arn = lab.train(project_arn, "killed-twice")
    kill_training(lab, arn, attempt=1)
    kill_training(lab, arn, attempt=2)
    ended = until(
        lambda: lab.describe(project_arn, "killed-twice"),
        lambda version: version["Status"] != "TRAINING_IN_PROGRESS",
    )
    assert (ended["Status"], ended["StatusMessage"]) == ("TRAINING_FAILED", SERVICE_FAULT)
    assert "EvaluationResult" not in ended
    until(lambda: left_on_disk(lab.server), lambda left: left == [])


def is_gone(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return True


def restart(lab: Lab) -> None:
    kill(lab.server)
    lab.server.start()


def projects(lab: Lab, project_arn: str) -> list[ProjectDescriptionTypeDef]:
    name = project_arn.split("/")[1]
    return lab.rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]


def datasets(lab: Lab, project_arn: str) -> list[DatasetMetadataTypeDef]:
    (project,) = projects(lab, project_arn)
    return project["Datasets"]


def kill_training(lab: Lab, version_arn: str, attempt: int) -> None:
    job = until(
        lambda: lab.job(version_arn),
        lambda job: job.attempts == attempt and job.pid is not None and bool(phase(job)),
    )
    (child,) = lab.server.children(f"lensmith.training {job.id}")
    child.kill()


def suspend_training(lab: Lab) -> None:
    """Between two writes of its own: it would keep others from theirs."""
    (training,) = lab.server.children("lensmith.training")
    records = Records.of(lab.server.settings)
    with records.write():
        suspend(training)
    records.close()


def phase(job: Job) -> str | None:
    if job.status is JobStatus.QUEUED:
        return None
    assert job.status is JobStatus.RUNNING, job
    return job.progress.phase if job.progress else None


def left_on_disk(server: LiveServer) -> list[Path]:
    data = server.home / "data"
    snapshots = (data / "files").glob("*/content/*.manifest")
    return [*snapshots, *(data / "snapshots").glob("*"), *(data / "trainings").glob("*")]


def everything(lab: Lab) -> dict[str, Any]:
    """All that clients were told is there."""
    rekognition = lab.rekognition
    projects = rekognition.describe_projects()["ProjectDescriptions"]
    project_arns = [project["ProjectArn"] for project in projects]
    dataset_arns = [one["DatasetArn"] for project in projects for one in project["Datasets"]]
    objects = lab.s3.list_objects_v2(Bucket=lab.bucket)["Contents"]
    return {
        "projects": projects,
        "versions": [
            rekognition.describe_project_versions(ProjectArn=arn)["ProjectVersionDescriptions"]
            for arn in project_arns
        ],
        "tags": [
            rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] for arn in project_arns
        ],
        "datasets": [
            rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
            for arn in dataset_arns
        ],
        "entries": [lab.entries(arn) for arn in dataset_arns],
        "objects": {stored["Key"]: stored["ETag"] for stored in objects},
    }


@dataclass
class Load:
    """Clients that ask without pause and compare what they are told with the first answers."""

    lab: Lab
    version_arn: str
    expected: dict[bytes, Labels]
    wrong: list[Labels] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=lambda: [0] * CLIENTS)
    ended: threading.Event = field(default_factory=threading.Event)

    @classmethod
    @contextmanager
    def on(cls, lab: Lab, version_arn: str) -> Iterator[Load]:
        pictures = [picture.jpeg() for picture in flowers("load", 1)]
        expected = {data: lab.detect(version_arn, data, MinConfidence=0) for data in pictures}
        load = cls(lab, version_arn, expected)
        clients = [threading.Thread(target=load.ask, args=(n,)) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        yield load
        load.ended.set()
        for client in clients:
            client.join()

    def ask(self, client: int) -> None:
        pictures = list(self.expected)
        while not self.ended.wait(0.05):
            data = pictures[self.answers[client] % len(pictures)]
            try:
                labels = self.lab.detect(self.version_arn, data, MinConfidence=0)
            except ClientError as error:
                self.refusals.add(error.response["Error"]["Code"])
                continue
            except BotoCoreError:  # nobody listens
                continue
            self.answers[client] += 1
            if labels != self.expected[data]:
                self.wrong.append(labels)

    def await_answers(self, more: int = 5) -> None:
        """Return when every client has had so many more answers."""
        before = list(self.answers)
        until(
            lambda: [now - then for now, then in zip(self.answers, before, strict=True)],
            lambda gained: min(gained) >= more,
        )
