"""A server of its own with low limits, its images, and callers with fewer rights."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import hypothesis
import pytest
from botocore.config import Config
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.training.job.training_bench import picture
from tests.validation.service import ValidatingService

from lensmith.config import Settings
from lensmith.server.first_start import ALLOW_ALL, open_records
from lensmith.store.records import accounts

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

hypothesis.settings.register_profile("fuzz")  # read by test_mutations.py

MOST_ENTRIES = 600
MOST_MANIFEST_BYTES = 400_000
STRANGER = "444455556666"

_LIMITS = {
    "LENSMITH_QUOTA_DATASET_ENTRIES": str(MOST_ENTRIES),
    "LENSMITH_QUOTA_MANIFEST_BYTES": str(MOST_MANIFEST_BYTES),
    "LENSMITH_QUOTA_CONCURRENT_TRAININGS": "100",
    "LENSMITH_TRAININGS_AT_ONCE": "2",
    "LENSMITH_TRAINING_THREADS": "1",
    "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
    "LENSMITH_PRECISION": "float32",  # nothing is quantised
}
_NOT_THE_DENIED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::denied-*", "arn:aws:s3:::denied-*/*"],
        },
    ],
}


@pytest.fixture(scope="session")
def validation_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    live = LiveServer(tmp_path_factory.mktemp("validation"), given=_LIMITS)
    settings = Settings(live.home / "data")
    settings.data_directory.mkdir(parents=True)
    records = open_records(settings)
    with records.write() as connection:
        accounts.create_account(connection, STRANGER)
        for account, name, policy in (
            (settings.account_id, "limited", _NOT_THE_DENIED),
            (STRANGER, "stranger", ALLOW_ALL),
        ):
            arn = accounts.create_user(connection, account, name, [policy])
            accounts.create_access_key(connection, arn)
    records.close()
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


@pytest.fixture(scope="session")
def service(validation_server: LiveServer) -> ValidatingService:
    s3 = validation_server.s3()
    lab, results = (f"{kind}-{uuid.uuid4().hex[:12]}" for kind in ("lab", "results"))
    for name in (lab, results):
        s3.create_bucket(Bucket=name)
    made = ValidatingService(validation_server.rekognition(), s3, lab, results)
    made.put_image("good.png", picture("green", 1))
    return made


@pytest.fixture(scope="session")
def limited(validation_server: LiveServer) -> RekognitionClient:
    """A caller who may do everything but touch buckets named denied-…"""
    return validation_server.rekognition("limited")


@pytest.fixture(scope="session")
def stranger_s3(validation_server: LiveServer) -> S3Client:
    """The object store as a user of another account sees it."""
    records = open_records(Settings(validation_server.home / "data"))
    with records.read() as connection:
        arn = f"arn:aws:iam::{STRANGER}:user/stranger"
        key = accounts.permanent_key(connection, arn)
    records.close()
    assert key is not None
    options: Any = {"s3": {"addressing_style": "path"}, "signature_version": "s3v4"}
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{validation_server.s3_port}",
        region_name="us-east-1",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(**options),
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Show the end of this folder's server log below a test that failed with it."""
    report = yield
    live = getattr(item, "funcargs", {}).get("validation_server")
    if report.failed and isinstance(live, LiveServer) and live.log.exists():
        told = [line for line in live.log.read_text().splitlines() if '"status": 200' not in line]
        report.sections.append(("Lensmith validation server log", "\n".join(told[-40:])))
    return report
