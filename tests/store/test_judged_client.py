"""Names of buckets that lead past the judge; nothing is sent, so no store is needed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from lensmith.config import Settings
from lensmith.server.first_start import open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Iterator[S3Client]:
    """The administrator's client of an external store."""
    home = tmp_path_factory.mktemp("judged")
    shutil.copy(empty_records, home)
    settings = Settings(home, s3_endpoint_url="http://127.0.0.1:9")
    records = open_records(settings)
    with records.read() as connection:
        (admin,) = accounts.list_access_keys(connection)
    yield ObjectStores(settings, records, prompt=True).for_key(admin.access_key_id)
    records.close()


@pytest.mark.parametrize(
    "bucket", [".", "..", "arn:aws:s3:us-east-1:000000000000:accesspoint/any", "lensmith-system"]
)
def test_no_name_leads_to_the_system_bucket(caller: S3Client, bucket: str) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        caller.get_object(Bucket=bucket, Key="lensmith-system/installation/digest/index.json")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        caller.put_object(Bucket=bucket, Key="lensmith-system/k", Body=b"")
    with pytest.raises(ClientError, match=r"InvalidBucketName|BucketAlreadyExists"):
        caller.create_bucket(Bucket=bucket)
