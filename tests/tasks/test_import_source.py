"""Files that are brought here for an import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lensmith.exchange.archive import ArchiveLimits
from lensmith.exchange.formats import ImportFormat
from lensmith.tasks.import_source import fetch, find_parts
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


def made(root: Path, *names: str) -> Path:
    """A folder with empty files of those names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_a_divided_set_fills_each_dataset_with_its_own_parts(tmp_path: Path) -> None:
    root = made(tmp_path, "set/train/a/1.png", "set/valid/a/2.png", "set/test/a/3.png")
    folders = ImportFormat.FOLDERS
    train = find_parts(folders, root, "train", divided=True)
    assert [part.split for part in train.chosen] == ["train"]
    test = find_parts(folders, root, "test", divided=False)
    assert [part.split for part in test.chosen] == ["test", "valid"]
    assert test.brought == test.chosen  # what the other dataset gets is named as left out
    both = find_parts(folders, root, "test", divided=True)
    assert {part.split for part in both.brought} == {"train", "valid", "test"}


def test_a_set_in_one_piece_fills_the_dataset_that_is_wanted(tmp_path: Path) -> None:
    root = made(tmp_path, "a/1.png", "b/2.png")
    (part,) = find_parts(ImportFormat.FOLDERS, root, "test", divided=False).chosen
    assert part.type == "test"
    assert find_parts(ImportFormat.FOLDERS, root, "train", divided=True).chosen
    with pytest.raises(TaskError, match="no part for a test dataset") as caught:
        find_parts(ImportFormat.FOLDERS, root, "test", divided=True)
    assert caught.value.code == "PART_NOT_FOUND"


def test_a_set_without_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match="json") as caught:
        find_parts(ImportFormat.COCO, made(tmp_path, "1.png"), "train", divided=False)
    assert caught.value.code == "LABELS_NOT_FOUND"
