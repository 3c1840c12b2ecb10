"""Training processes: started, killed, cancelled, stopped, and one that trains for real."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs
from tests.support.eventually import until
from tests.training.job.training_bench import COLOURS, TrainingBench, image_line, picture

from lensmith.config import Settings
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.domain.job_errors import JobCancelledError
from lensmith.domain.project_version import SERVICE_FAULT, ResultFile, VersionStatus
from lensmith.inference.predictor import Predictor
from lensmith.server.first_start import open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.published.model import local_folder
from lensmith.store.published.opening import unfinished_trainings
from lensmith.store.records import accounts, jobs
from lensmith.training.job import outcome, workspace
from lensmith.training.job.cancel import cancel_training
from lensmith.training.job.launcher import TrainingLauncher
from lensmith.training.job.local_processes import LocalProcesses
from lensmith.training.job.processes import Ended, TrainingProcesses
from lensmith.training.job.workspace import Workspace

T = TypeVar("T")
Launch = Callable[..., TrainingLauncher]
LINES = [image_line("s3://lab/a.png", "red"), image_line("s3://lab/b.png", "blue")]


@pytest.fixture
def stuck_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainingBench]:
    """Trainings here never end by themselves: the object store takes calls and never answers."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = Settings(tmp_path, s3_endpoint_url=endpoint)
        records = open_records(settings)
        with records.read() as connection:
            caller = accounts.list_access_keys(connection)[0].caller
        objects = ObjectStores(settings, records)
        yield TrainingBench(settings, records, objects, caller, caller, caller)
        records.close()


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Starts launchers and stops them after the test."""
    with ExitStack() as started:

        def start(
            bench: TrainingBench, processes: TrainingProcesses | None = None
        ) -> TrainingLauncher:
            launcher = TrainingLauncher(bench.settings, bench.records, processes=processes)
            launcher.start()
            started.callback(launcher.stop)
            return launcher

        yield start


def test_a_killed_training_starts_over_once_and_then_fails(
    stuck_bench: TrainingBench, launch: Launch
) -> None:
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    launch(stuck_bench)
    first = _busy(stuck_bench, attempt=1)
    psutil.Process(first.pid).kill()
    second = _busy(stuck_bench, attempt=2)
    assert second.pid != first.pid
    assert not Workspace.of(stuck_bench.settings, first.id, first.fence).directory.exists()
    psutil.Process(second.pid).kill()
    job = until(lambda: stuck_bench.job(version), lambda job: job.status is JobStatus.FAILED)
    ended = stuck_bench.version(version)
    assert (ended.status, ended.status_message) == (VersionStatus.TRAINING_FAILED, SERVICE_FAULT)
    assert job.error == "The training process ended with -9."
    until(
        lambda: Workspace.of(stuck_bench.settings, job.id, job.fence).directory.exists(),
        lambda there: not there,
    )


def test_a_cancelled_training_ends_its_process(stuck_bench: TrainingBench, launch: Launch) -> None:
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    launcher = launch(stuck_bench)
    job = _busy(stuck_bench, attempt=1)
    process = psutil.Process(job.pid)
    cancel_training(stuck_bench.settings, stuck_bench.records, job)
    launcher.wake()
    assert stuck_bench.version(version).status_message == outcome.CANCELLED
    until(process.is_running, lambda running: not running)
    assert stuck_bench.job(version).status is JobStatus.CANCELLED


def test_a_cancelled_training_never_starts(stuck_bench: TrainingBench) -> None:
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    job = stuck_bench.job(version)
    cancel_training(stuck_bench.settings, stuck_bench.records, job)
    assert stuck_bench.job(version).status is JobStatus.CANCELLED
    assert stuck_bench.version(version).status is VersionStatus.TRAINING_FAILED
    assert list(stuck_bench.settings.snapshots_directory.iterdir()) == []
    with pytest.raises(JobCancelledError):
        cancel_training(stuck_bench.settings, stuck_bench.records, job)


def test_stopping_puts_a_training_back_without_blame(stuck_bench: TrainingBench) -> None:
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    launcher = TrainingLauncher(stuck_bench.settings, stuck_bench.records)
    launcher.start()
    job = _busy(stuck_bench, attempt=1)
    process, files = psutil.Process(job.pid), Workspace.of(stuck_bench.settings, job.id, job.fence)
    until(files.artefact.exists)
    launcher.stop()
    assert not process.is_running()
    assert not files.directory.exists()
    job = stuck_bench.job(version)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert stuck_bench.version(version).status is VersionStatus.TRAINING_IN_PROGRESS


def test_one_training_at_a_time(stuck_bench: TrainingBench, launch: Launch) -> None:
    for _ in range(2):
        stuck_bench.queue_snapshot(LINES, LINES, output="out")
    launcher = launch(stuck_bench)
    _busy(stuck_bench, attempt=1)
    launcher.wake()
    assert (
        len(_jobs(stuck_bench, JobStatus.RUNNING)),
        len(_jobs(stuck_bench, JobStatus.QUEUED)),
    ) == (
        1,
        1,
    )


def test_a_new_server_takes_over_what_a_killed_one_left(stuck_bench: TrainingBench) -> None:
    idle = dataclasses.replace(stuck_bench.settings, trainings_at_once=0)
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    for expected in (JobStatus.QUEUED, JobStatus.FAILED):
        stuck_bench.claim()
        orphan = Workspace.of(idle, 4711, 1)
        orphan.make_empty()
        launcher = TrainingLauncher(idle, stuck_bench.records)
        launcher.start()
        launcher.stop()
        assert stuck_bench.job(version).status is expected
        assert not orphan.directory.exists()
    assert stuck_bench.version(version).status_message == SERVICE_FAULT


def test_a_new_server_removes_snapshots_that_no_training_needs(stuck_bench: TrainingBench) -> None:
    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    directory = stuck_bench.settings.snapshots_directory
    for orphan in ("0123abcd", ".unfinished"):
        (directory / orphan).mkdir()
        (directory / orphan / "train.manifest").touch()
    idle = dataclasses.replace(stuck_bench.settings, trainings_at_once=0)
    launcher = TrainingLauncher(idle, stuck_bench.records)
    launcher.start()
    launcher.stop()
    kept = stuck_bench.job(version).payload["snapshot"]
    assert [entry.name for entry in directory.iterdir()] == [kept]


def test_what_begins_while_workspaces_are_swept_stays(
    stuck_bench: TrainingBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a node of a cluster, where each training sweeps before it begins."""
    ended, begun = (Workspace.of(stuck_bench.settings, number, 1) for number in (1, 2))
    ended.make_empty()

    def read(connection: Connection) -> list[Job]:
        found = unfinished_trainings(connection)
        begun.make_empty()
        return found

    monkeypatch.setattr(workspace, "unfinished_trainings", read)
    workspace.sweep_workspaces(stuck_bench.settings, stuck_bench.records)
    assert not ended.directory.exists()
    assert (begun.directory / "images").is_dir()


class WatchedProcesses(LocalProcesses):
    """Remembers how processes ended."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.ended: list[str] = []

    def poll(self, job: Job) -> Ended | None:
        ended = super().poll(job)
        if ended is not None:
            self.ended.append(ended.reason)
        return ended


def test_a_training_that_is_cancelled_while_its_process_starts_ends_as_any(
    stuck_bench: TrainingBench, launch: Launch
) -> None:
    class Cancelling(WatchedProcesses):
        def start(self, job: Job) -> int | None:
            pid = super().start(job)
            cancel_training(stuck_bench.settings, stuck_bench.records, job)
            return pid

    version = stuck_bench.queue_snapshot(LINES, LINES, output="out")
    processes = Cancelling(stuck_bench.settings)
    with capture_logs() as logs:
        launch(stuck_bench, processes)
        until(lambda: processes.ended)
    assert stuck_bench.job(version).status is JobStatus.CANCELLED
    assert "tried again" not in [log["event"] for log in logs]


def test_a_process_trains_a_classifier(
    training_bench: TrainingBench,
    launch: Launch,
) -> None:
    bucket, output = training_bench.new_bucket(), training_bench.new_bucket()
    train = training_bench.labelled_lines(bucket, 6, "train/")
    test = training_bench.labelled_lines(bucket, 6, "test/")
    version = training_bench.queue_snapshot(train, test, output=output)
    processes = WatchedProcesses(training_bench.settings)
    launch(training_bench, processes).wake()
    phases = set()

    def watch() -> Job:
        job = training_bench.job(version)
        phases.add(job.progress.phase if job.progress else "waiting")
        return job

    job = until(watch, lambda job: job.status not in {JobStatus.QUEUED, JobStatus.RUNNING})
    assert job.status is JobStatus.SUCCEEDED, job.error
    assert "training" in phases
    # It had the time to remove what it needed no longer.
    assert until(lambda: processes.ended) == ["The training process ended with 0."]
    ended = training_bench.version(version)
    assert ended.status is VersionStatus.TRAINING_COMPLETED
    predictor = Predictor.open(local_folder(training_bench.settings, ended), threads=1)
    for colour in COLOURS:
        best = predictor.predict(picture(colour, seed=99)).detections[0]
        assert best.name == colour
        assert best.confidence > 0.5
    _reconcile(training_bench, ended.result_files, ended.output_bucket)


def _reconcile(bench: TrainingBench, files: dict[str, str], bucket: str) -> None:
    """Recount the summary's metrics from the testing snapshot, knowing only the two files."""

    def read(file: ResultFile) -> bytes:
        return bench.s3.get_object(Bucket=bucket, Key=files[file.value])["Body"].read()

    counts: Counter[tuple[str, str]] = Counter()
    for line in read(ResultFile.TESTING_GROUND_TRUTH).splitlines():
        for metadata in json.loads(line).values():
            if isinstance(metadata, dict) and "-evaluation-job" in metadata["job-name"]:
                details = metadata["rekognition-custom-labels-evaluation-details"]
                flags = [flag for flag, raised in details.items() if raised is True]
                counts.update((metadata["class-name"], flag) for flag in flags)
    summary = json.loads(read(ResultFile.EVALUATION_SUMMARY))
    f1 = []
    for one in summary["LabelEvaluationResults"]:
        right, wrong, missed = (
            counts[one["Label"], f"is-{flag}"]
            for flag in ("true-positive", "false-positive", "false-negative")
        )
        f1.append(2 * right / (2 * right + wrong + missed))
        assert one["Metrics"]["F1Score"] == pytest.approx(f1[-1])
    assert summary["AggregatedEvaluationResults"]["F1Score"] == pytest.approx(sum(f1) / len(f1))


def _busy(bench: TrainingBench, attempt: int) -> Job:
    """The running job, once its process is at work."""
    (job,) = until(
        lambda: _jobs(bench, JobStatus.RUNNING),
        lambda found: (
            bool(found)
            and found[0].attempts == attempt
            and found[0].progress is not None
            and found[0].pid not in {None, os.getpid()}  # that of the launcher, until it is known
        ),
    )
    return job


def _jobs(bench: TrainingBench, status: JobStatus) -> list[Job]:
    with bench.records.read() as connection:
        return jobs.with_status(connection, status, [JobKind.TRAIN])
