from __future__ import annotations

import os

import pytest
from botocore.exceptions import EndpointConnectionError
from tests.datasets.orchard import Orchard, image

from lensmith.datasets import worker
from lensmith.domain.dataset import DatasetStats, DatasetStatus, StatusMessageCode
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.store.objects import s3_errors
from lensmith.store.records import datasets, entries, jobs


class Killed(BaseException):
    """Stands for the death of the process: nothing may catch it."""


def _die(*_: object) -> None:
    raise Killed


def _fail(*_: object) -> None:
    raise OSError("disk full")


def _job(orchard: Orchard, arn: str) -> Job:
    with orchard.stores.records.read() as connection:
        found = jobs.of_resource(connection, arn)
    assert found is not None
    return found


def test_a_job_whose_process_died_is_done_again_from_the_start(
    orchard: Orchard, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [image(f"{number}.png", "pear") for number in range(2500)]
    arn = orchard.begin_manifest(orchard.upload(lines))
    with monkeypatch.context() as patch:
        patch.setattr(entries, "refresh_stats", _die)  # after every batch is committed
        with pytest.raises(Killed):
            worker.carry_out_next(orchard.stores)
    assert _job(orchard, arn).status is JobStatus.RUNNING
    assert len(orchard.lines(orchard.dataset(arn))) == 2500

    worker.recover_abandoned(orchard.stores)
    orchard.work()

    dataset = orchard.dataset(arn)
    assert dataset.status is DatasetStatus.CREATE_COMPLETE
    assert dataset.stats == DatasetStats(2500, 2500, 1, 0)


def test_a_job_that_kills_its_process_three_times_is_given_up(
    orchard: Orchard, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = orchard.begin_manifest(orchard.upload([image("a.png", "pear")]))
    monkeypatch.setattr(entries, "refresh_stats", _die)
    for _ in range(3):
        with pytest.raises(Killed):
            worker.carry_out_next(orchard.stores)
        worker.recover_abandoned(orchard.stores)

    dataset = orchard.dataset(arn)

    assert not worker.carry_out_next(orchard.stores)
    assert dataset.status is DatasetStatus.CREATE_FAILED
    assert dataset.status_code is StatusMessageCode.SERVICE_ERROR
    assert dataset.status_message == "Amazon Rekognition experienced a service issue."
    assert orchard.lines(dataset) == []


def test_an_unexpected_error_is_ours_and_the_next_job_is_done(
    orchard: Orchard, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = orchard.create([image("a.png", "pear")])
    with monkeypatch.context() as patch:
        patch.setattr(datasets, "set_stats", _fail)
        failed = orchard.update(dataset, [image("a.png", "fig")])

    assert failed.status is DatasetStatus.UPDATE_FAILED
    assert failed.status_code is StatusMessageCode.SERVICE_ERROR
    assert orchard.labels(failed) == {"pear": (1, 0)}
    done = orchard.update(failed, [image("a.png", "fig")])
    assert orchard.labels(done) == {"fig": (1, 0)}


def test_a_deletion_that_fails_is_tried_again(
    orchard: Orchard, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = orchard.create([image("a.png", "pear")])
    orchard.enqueue(JobKind.DELETE_DATASET, dataset.arn)
    with monkeypatch.context() as patch:
        patch.setattr(datasets, "remove", _fail)
        for _ in range(4):
            orchard.work()
            worker.recover_abandoned(orchard.stores)

    orchard.work()

    with orchard.stores.records.read() as connection:
        assert datasets.find(connection, dataset.arn) is None


def test_a_stop_of_the_server_is_not_blamed_on_the_job(orchard: Orchard) -> None:
    arn = orchard.begin_manifest(orchard.upload([image("a.png", "pear")]))

    def stop(*_: object) -> None:
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        worker.carry_out_next(orchard.stores, {JobKind.CREATE_DATASET: stop})

    job = _job(orchard, arn)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)


def test_a_job_waits_for_a_store_that_is_away(orchard: Orchard) -> None:
    arn = orchard.begin_manifest(orchard.upload([image("a.png", "pear")]))

    def find_it_away(*_: object) -> None:
        with s3_errors("bucket"):
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    assert worker.carry_out_next(orchard.stores, {JobKind.CREATE_DATASET: find_it_away})

    job = _job(orchard, arn)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert not worker.carry_out_next(orchard.stores)  # not yet
    assert orchard.dataset(arn).status is DatasetStatus.CREATE_IN_PROGRESS


def test_a_claimed_job_names_its_process(orchard: Orchard) -> None:
    arn = orchard.begin_manifest(orchard.upload([image("a.png", "pear")]))
    with pytest.raises(Killed):
        worker.carry_out_next(orchard.stores, {JobKind.CREATE_DATASET: _die})
    assert _job(orchard, arn).pid == os.getpid()
