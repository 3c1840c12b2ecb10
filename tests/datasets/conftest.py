from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.datasets.orchard import Orchard

from lensmith.config import Quotas, Settings
from lensmith.datasets.stores import Stores
from lensmith.server.first_start import open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts, projects

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def new_orchard(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lensmith_env: dict[str, str],
    s3: S3Client,
    bucket: str,
    empty_records: Path,
) -> Iterator[Callable[..., Orchard]]:
    """Makes a project with the given quotas; its objects are in the shared server's store."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, lensmith_env[name])
    settings = Settings(data_directory=tmp_path)
    shutil.copy(empty_records, tmp_path)
    records = open_records(settings)
    with records.read() as connection:
        admin = accounts.list_access_keys(connection)[0].caller

    def make(**quotas: int) -> Orchard:
        settings = Settings(
            data_directory=tmp_path,
            s3_endpoint_url=lensmith_env["AWS_ENDPOINT_URL_S3"],
            quotas=Quotas(**quotas),
        )
        with records.write() as connection:
            project = projects.create(connection, "000000000000", "us-east-1", "orchard")
        stores = Stores(settings, records, ObjectStores(settings, records))
        return Orchard(stores, s3, bucket, project, admin)

    yield make
    records.close()


@pytest.fixture
def orchard(new_orchard: Callable[..., Orchard]) -> Orchard:
    return new_orchard()
