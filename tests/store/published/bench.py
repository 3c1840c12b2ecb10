"""A store of published folders under test, and its second server."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.config import Settings
from lensmith.store.published.folders import PublishedFolders
from lensmith.store.published.opening import published_folders
from lensmith.store.published.orphans import OrphanSweep
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FILES = {"model.onnx": b"weights" * 1000, "results/ä.json": b"{}", "empty": b""}


@dataclass
class Bench:
    """A store under test, and one of a second server."""

    settings: Settings
    records: Records
    s3: S3Client

    @property
    def folders(self) -> PublishedFolders:
        return published_folders(self.settings, self.records)

    @property
    def elsewhere(self) -> PublishedFolders:
        """The store as a second server has it, whose disk is another."""
        place = self.settings.data_directory / "second"
        return published_folders(replace(self.settings, data_directory=place), self.records)

    def made(self, files: dict[str, bytes] = FILES) -> Path:
        folder = self.settings.data_directory / uuid.uuid4().hex
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    def objects(self) -> list[str]:
        """The objects of the system bucket."""
        found = self.s3.list_objects_v2(Bucket=self.settings.system_bucket)
        return [each["Key"] for each in found.get("Contents", ())]

    def sweep(self, *named: str, age_seconds: float = 0) -> int:
        return OrphanSweep(self.folders, lambda: named, age_seconds, grace_seconds=0).sweep()

    def content(self, digest: str, store: PublishedFolders | None = None) -> dict[str, bytes]:
        with (store or self.folders).using(digest) as folder:
            return {
                path.relative_to(folder).as_posix(): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file()
            }
