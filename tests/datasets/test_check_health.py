from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bench.drawn.circuit_boards import CIRCUIT_BOARDS
from PIL import Image
from tests.datasets.orchard import Orchard, boxed, image

from lensmith.datasets import worker
from lensmith.datasets.health_checks import HEALTH_HANDLERS
from lensmith.datasets.job import Handlers
from lensmith.datasets.queued_jobs import is_asked_again
from lensmith.domain.dataset import Dataset, DatasetType
from lensmith.domain.job import Job, JobKind, JobStatus
from lensmith.health.finding_kind import FindingKind
from lensmith.health.report import Finding, HealthReport
from lensmith.store.records import datasets, health_reports, jobs, leases, projects
from lensmith.store.records.leases import Lease


def _check(orchard: Orchard, *checked: Dataset, handlers: Handlers = HEALTH_HANDLERS) -> int:
    payload = {"dataset_arns": [dataset.arn for dataset in checked]}
    job_id = orchard.enqueue(JobKind.CHECK_HEALTH, orchard.project.arn, payload)
    while worker.carry_out_next(orchard.stores, handlers):
        pass
    return job_id


def _job(orchard: Orchard, job_id: int) -> Job:
    with orchard.stores.records.read() as connection:
        return jobs.get(connection, job_id)


def _report(orchard: Orchard) -> HealthReport:
    with orchard.stores.records.read() as connection:
        report = health_reports.get(connection, orchard.project.id)
    assert report is not None
    return msgspec.json.decode(report, type=HealthReport)


def _findings(orchard: Orchard) -> dict[FindingKind, Finding]:
    return {finding.kind: finding for finding in _report(orchard).findings}


def _here(orchard: Orchard, line: str) -> str:
    """The line about an image in the orchard's bucket."""
    return line.replace("s3://images/", f"s3://{orchard.bucket}/")


def _upload(orchard: Orchard, key: str, picture: Image.Image, **options: Any) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, Path(key).suffix[1:].replace("jpg", "jpeg"), **options)
    orchard.s3.put_object(Bucket=orchard.bucket, Key=key, Body=buffer.getvalue())


def _board(number: int) -> Image.Image:
    (picture,) = CIRCUIT_BOARDS.images(f"orchard {number}", 1)
    return picture.image.convert("RGB").resize((640, 480))


def test_boxes_are_judged_in_the_upright_image(orchard: Orchard) -> None:
    _upload(orchard, "a.png", _board(0))
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn: 480 x 640 upright
    _upload(orchard, "b.jpg", _board(1), exif=turned)
    lines = [boxed(name, "screw", "screw") for name in ("a.png", "b.jpg")]
    train = orchard.create([_here(orchard, line) for line in lines])

    _check(orchard, train)

    findings = _findings(orchard)
    assert findings[FindingKind.DUPLICATE_BOXES].count == 2
    (item,) = findings[FindingKind.DECLARED_SIZE_DIFFERS].items
    assert item.source_ref == f"s3://{orchard.bucket}/b.jpg"
    assert item.detail == "480 x 640 px, declared 640 x 480"
    (summary,) = _report(orchard).datasets
    assert (summary.dataset, summary.boxes) == (DatasetType.TRAIN, 4)


def test_the_newest_report_replaces_the_one_before(orchard: Orchard) -> None:
    train = orchard.create([_here(orchard, image("a.png", "pear"))])
    _check(orchard, train)
    assert FindingKind.UNREADABLE_IMAGES in _findings(orchard)
    _upload(orchard, "a.png", _board(0))
    _check(orchard, train)
    assert FindingKind.UNREADABLE_IMAGES not in _findings(orchard)


def test_a_dataset_that_is_gone_ends_the_check_and_leaves_the_last_report(
    orchard: Orchard,
) -> None:
    train = orchard.create([_here(orchard, image("a.png", "pear"))])
    _check(orchard, train)
    before = _report(orchard)
    with orchard.stores.records.write() as connection:
        datasets.remove(connection, train)

    job = _job(orchard, _check(orchard, train))

    assert job.status is JobStatus.FAILED
    assert "no longer exists" in (job.error or "")
    assert _report(orchard) == before


def test_a_report_goes_with_its_project(orchard: Orchard) -> None:
    train = orchard.create([_here(orchard, image("a.png", "pear"))])
    _check(orchard, train)
    with orchard.stores.records.write() as connection:
        datasets.remove(connection, train)
        projects.remove(connection, orchard.project)
        assert health_reports.get(connection, orchard.project.id) is None


def test_a_stop_puts_the_check_back_without_blame(
    orchard: Orchard,
) -> None:
    train = orchard.create([_here(orchard, image("a.png", "pear"))])

    def stop(*_: object) -> None:
        raise SystemExit(0)

    with pytest.raises(SystemExit):
        _check(orchard, train, handlers={JobKind.CHECK_HEALTH: stop})

    with orchard.stores.records.read() as connection:
        job = jobs.of_resource(connection, orchard.project.arn, JobKind.CHECK_HEALTH)
    assert job is not None
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)


def test_the_process_takes_up_a_check_that_another_left(orchard: Orchard) -> None:
    train = orchard.create([_here(orchard, image("a.png", "pear"))])
    payload = {"dataset_arns": [train.arn]}
    assert not is_asked_again(orchard.stores, HEALTH_HANDLERS, seconds=0.0)
    job_id = orchard.enqueue(JobKind.CHECK_HEALTH, orchard.project.arn, payload)
    assert is_asked_again(orchard.stores, HEALTH_HANDLERS)
    with orchard.stores.records.write() as connection:
        assert leases.claim(connection, HEALTH_HANDLERS, Lease("gone", 0), 1)
    assert is_asked_again(orchard.stores, HEALTH_HANDLERS)

    subprocess.run(
        [sys.executable, "-m", "lensmith.datasets.health_checks"],
        env={**os.environ, **orchard.stores.settings.to_environment()},
        check=True,
    )

    assert _job(orchard, job_id).status is JobStatus.SUCCEEDED


@pytest.mark.parametrize("module", ["lensmith.datasets.__main__", "lensmith.server.server"])
def test_processes_that_are_always_there_do_not_load_the_checks(module: str) -> None:
    program = f"import {module}, sys; print('imagehash' in sys.modules, 'pywt' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout
    assert printed.split() == ["False", "False"]
