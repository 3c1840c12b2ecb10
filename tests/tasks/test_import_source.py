"""Files that are brought here for an import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lensmith.exchange.archive import ArchiveLimits
from lensmith.tasks.import_source import fetch
from lensmith.tasks.process import TaskError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.mark.parametrize(
    ("key", "limits", "code"),
    [
        ("a.csv", ArchiveLimits(label_bytes=4), "LABELS_TOO_LARGE"),
        ("a.csv", ArchiveLimits(free_bytes=1 << 60), "NO_ROOM_ON_DISK"),
        ("a.zip", ArchiveLimits(free_bytes=1 << 60), "NO_ROOM_ON_DISK"),
    ],
)
def test_files_without_room_are_not_fetched(
    s3: S3Client, bucket: str, tmp_path: Path, key: str, limits: ArchiveLimits, code: str
) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    with pytest.raises(TaskError, match=key) as caught:
        fetch(s3, bucket, key, tmp_path, limits)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []
    assert fetch(s3, bucket, key, tmp_path, ArchiveLimits()).read_bytes() == b"12345"
