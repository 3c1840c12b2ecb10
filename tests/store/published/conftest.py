"""A directory, and a bucket of the shared server, to publish into."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.store.published.bench import Bench

from lensmith.config import Settings
from lensmith.server.first_start import open_records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE")


@pytest.fixture
def in_directory(tmp_path: Path, s3: S3Client) -> Iterator[Bench]:
    settings = Settings(tmp_path)
    records = open_records(settings)
    yield Bench(settings, records, s3)
    records.close()


@pytest.fixture
def in_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lensmith_env: dict[str, str], s3: S3Client
) -> Iterator[Bench]:
    """The bucket, which nothing has made yet, is in the shared server's store."""
    for name in CREDENTIALS:
        monkeypatch.setenv(name, lensmith_env[name])
    settings = Settings(
        tmp_path,
        s3_endpoint_url=lensmith_env["AWS_ENDPOINT_URL_S3"],
        system_bucket=f"system-{uuid.uuid4().hex[:12]}",
    )
    records = open_records(settings)
    yield Bench(settings, records, s3)
    records.close()


@pytest.fixture(params=["in_directory", "in_bucket"])
def bench(request: pytest.FixtureRequest) -> Bench:
    made: Bench = request.getfixturevalue(request.param)
    return made
