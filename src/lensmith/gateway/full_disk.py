"""Names the reason why the embedded store did not write."""

from __future__ import annotations

import shutil

from lensmith.config import Settings
from lensmith.domain.s3_errors import S3Error

_FULL_BYTES = 1 << 20  # free, under which a write may have failed for want of room


def refuse_full_disk(settings: Settings) -> None:
    """Raise S3Error when the disk of the objects is full; a store elsewhere is not looked at."""
    if settings.s3_endpoint_url:
        return
    if shutil.disk_usage(settings.data_directory).free < _FULL_BYTES:
        raise S3Error("ServiceUnavailable", "The object store cannot write: its disk is full.")
