"""Published folders, in a directory and in a bucket of a real S3: the same behaviour."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from tests.store.published.bench import FILES, Bench

from lensmith.domain.errors import ObjectStoreError
from lensmith.server.file_upkeep import FileUpkeep
from lensmith.server.first_start import open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.published.bucket import BucketFolders
from lensmith.store.published.cache import FolderCache
from lensmith.store.published.index import INDEX_FILE, Index
from lensmith.store.published.opening import published_folders
from lensmith.store.published.orphans import OrphanSweep
from lensmith.store.records import accounts
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.unreadable_folder import (
    FolderAwayError,
    FolderDamagedError,
    FolderMissingError,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_a_folder_is_read_as_it_was_published(bench: Bench) -> None:
    made = bench.made()
    digest = bench.folders.publish(made)
    assert not made.exists()  # taken over, never copied
    assert bench.content(digest) == FILES
    assert bench.folders.read(digest, "results/ä.json") == b"{}"
    assert bench.folders.holds(digest)


def test_a_machine_without_a_key_reads_one_folder_by_links(
    in_bucket: Bench, tmp_path: Path
) -> None:
    folders = in_bucket.folders
    assert isinstance(folders, BucketFolders)
    digest = folders.publish(in_bucket.made())
    linked = folders.linked(digest, seconds=60)
    assert linked.links["empty"] not in repr(linked)
    with FolderCache(tmp_path / "node", 1 << 20).using(digest, linked.fetch) as content:
        assert (content / "results/ä.json").read_bytes() == b"{}"
    swapped = {"model.onnx": linked.links["empty"]}
    forged = replace(linked, links={**linked.links, **swapped})
    (tmp_path / "forged").mkdir()
    with pytest.raises(FolderDamagedError):
        forged.fetch(tmp_path / "forged")
    folders.remove(digest)
    with pytest.raises(FolderMissingError, match="empty is not in the system bucket"):
        linked.fetch(tmp_path / "forged")
    with pytest.raises(FolderMissingError):
        folders.linked(digest, seconds=60)


def test_two_folders_of_equal_files_are_removed_apart(bench: Bench) -> None:
    first, second = (bench.folders.publish(bench.made()) for _ in range(2))
    bench.folders.remove(first)
    bench.folders.remove(first)
    assert bench.content(second) == FILES
    with pytest.raises(FolderMissingError):
        bench.content(first)
    with pytest.raises(FolderMissingError):
        bench.folders.read(first, "empty")


def test_orphans_go_with_age_and_what_is_named_stays(bench: Bench) -> None:
    named, orphan = (bench.folders.publish(bench.made()) for _ in range(2))
    assert bench.sweep(named, age_seconds=3600) == 0
    assert bench.content(orphan) == FILES
    assert bench.sweep(named) == 1
    assert bench.content(named) == FILES
    with pytest.raises(FolderMissingError):
        bench.content(orphan)
    assert bench.sweep() == 1
    assert bench.sweep() == 0


def test_what_becomes_an_orphan_late_is_kept_for_a_while(in_directory: Bench) -> None:
    """As when records come from a backup that is older than the folder."""
    folders = in_directory.folders
    digest = folders.publish(in_directory.made())
    slow = OrphanSweep(folders, set, age_seconds=0, grace_seconds=3600)
    assert [slow.sweep(), slow.sweep()] == [0, 0]
    assert in_directory.content(digest) == FILES


def test_records_of_another_directory_remove_nothing(in_directory: Bench) -> None:
    digest = in_directory.folders.publish(in_directory.made())
    settings, records = in_directory.settings, in_directory.records
    (settings.data_directory / "installation").write_text("another")
    os.utime(settings.files_directory / digest, (0, 0))
    upkeep = FileUpkeep(settings, records)
    (settings.files_directory / ".half").mkdir()
    upkeep.start()
    upkeep.stop()
    upkeep.look()
    assert [path.name for path in settings.files_directory.iterdir()] == [digest]


_KILLED = """
import os, signal, sys
from pathlib import Path
from lensmith.config import Settings
from lensmith.store.published.opening import published_folders
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records
from lensmith.store.sealed.file import SealedFolder

def kill(event, arguments):
    if event == "os.rename" and "files" in str(arguments[1]) or (
        event == "open" and str(arguments[0]).endswith(sys.argv[2]) and is_publishing
    ):
        os.kill(os.getpid(), signal.SIGKILL)

is_publishing = False
settings = Settings.from_environment()
folders = published_folders(settings, Records.of(settings))
Path(sys.argv[1], "last").write_bytes(b"x")
sys.addaudithook(kill)
is_publishing = True
folders.publish(Path(sys.argv[1]))
"""


def test_a_publication_that_is_killed_leaves_an_orphan_at_most(bench: Bench) -> None:
    kept = bench.folders.publish(bench.made())
    made = bench.made()
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, str(made), INDEX_FILE],
        env={**os.environ, **bench.settings.to_environment()},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert bench.sweep(kept) <= 1
    assert bench.sweep() == 1


_REMOVED = """
import os, signal, sys
from lensmith.config import Settings
from lensmith.store.published.opening import published_folders
from lensmith.store.records.engine import Records

def kill(event, arguments):
    if event == "os.remove":
        os.kill(os.getpid(), signal.SIGKILL)

settings = Settings.from_environment()
folders = published_folders(settings, Records.of(settings))
sys.addaudithook(kill)
folders.remove(sys.argv[1])
"""


def test_a_removal_that_is_killed_is_finished_by_the_next(in_directory: Bench) -> None:
    """As when a training is killed at its end: the launcher removes the same snapshot."""
    digest = in_directory.folders.publish(in_directory.made())
    ended = subprocess.run(
        [sys.executable, "-c", _REMOVED, digest],
        env={**os.environ, **in_directory.settings.to_environment()},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    with pytest.raises(FolderMissingError):
        in_directory.content(digest)
    files = in_directory.settings.files_directory
    assert len(list(files.rglob("model.onnx"))) == 1
    in_directory.folders.remove(digest)
    assert list(files.iterdir()) == []


def test_what_killed_processes_left_goes_with_age(bench: Bench) -> None:
    directories = (bench.settings.files_directory, bench.settings.files_cache_directory)
    kept = bench.folders.publish(bench.made())
    (directory,) = (each for each in directories if each.is_dir())
    left, young = (directory / name for name in (".of-a-killed-process", ".being-made"))
    for each in (left, young):
        (each / "content").mkdir(parents=True)
    os.utime(left, (0, 0))
    assert bench.sweep(kept, age_seconds=3600) == 0
    assert not left.exists()
    assert young.exists()
    assert bench.content(kept) == FILES


def test_another_server_reads_it_from_the_bucket(in_bucket: Bench) -> None:
    digest = in_bucket.folders.publish(in_bucket.made())
    assert in_bucket.content(digest, in_bucket.elsewhere) == FILES
    in_bucket.elsewhere.remove(digest)
    with pytest.raises(FolderMissingError):
        in_bucket.content(in_bucket.folders.publish(in_bucket.made())[::-1])
    assert in_bucket.objects() != []
    in_bucket.sweep()
    assert in_bucket.objects() == []


def test_what_cannot_be_copied_here_is_published_all_the_same(in_bucket: Bench) -> None:
    cache = in_bucket.settings.files_cache_directory
    cache.write_bytes(b"")  # in its place
    made = in_bucket.made()
    digest = in_bucket.folders.publish(made)
    cache.unlink()
    assert not made.exists()
    assert in_bucket.content(digest) == FILES


def test_two_installations_share_a_bucket(in_bucket: Bench, tmp_path: Path) -> None:
    settings = replace(in_bucket.settings, data_directory=tmp_path / "other")
    settings.data_directory.mkdir()
    other = Bench(settings, open_records(settings), in_bucket.s3)
    theirs = other.folders.publish(other.made())
    in_bucket.sweep()
    assert other.content(theirs, other.elsewhere) == FILES
    other.records.close()


def test_a_damaged_copy_is_fetched_again(in_bucket: Bench) -> None:
    digest = in_bucket.folders.publish(in_bucket.made())
    damaged = in_bucket.settings.files_cache_directory / digest / "content" / "model.onnx"
    damaged.write_bytes(b"Weights" * 1000)
    assert in_bucket.content(digest) == FILES


def test_a_damaged_copy_that_is_in_use_is_not_waited_for(tmp_path: Path) -> None:
    published = tmp_path / "published"
    published.mkdir()
    (published / "weights").write_bytes(b"whole")
    index, digest = Index.of(published).encode()

    def fetch(folder: Path) -> bytes:
        (folder / "weights").write_bytes(b"whole")
        return index

    one, other = (FolderCache(tmp_path / "copies", 1 << 20) for _ in range(2))  # of two processes
    with one.using(digest, fetch) as used:
        (used / "weights").write_bytes(b"broken")
        with other.using(digest, fetch) as copy:
            assert copy != used
            assert (copy / "weights").read_bytes() == b"whole"
            left = used.parents[1] / ".of-a-process-that-was-killed"
            left.mkdir()
            one.evict()
            assert left.exists()  # it may be being fetched
            FolderCache(tmp_path / "copies", 1 << 20, abandoned_seconds=-1).evict()
            assert not left.exists()
            assert copy.exists()
        assert not copy.exists()
        assert (used / "weights").read_bytes() == b"broken"
    with other.using(digest, fetch) as replaced:
        assert replaced == used
        assert (replaced / "weights").read_bytes() == b"whole"


def test_an_object_that_was_changed_is_not_used(in_bucket: Bench) -> None:
    digest = in_bucket.folders.publish(in_bucket.made())
    (key,) = [key for key in in_bucket.objects() if key.endswith("model.onnx")]
    in_bucket.s3.put_object(Bucket=in_bucket.settings.system_bucket, Key=key, Body=b"others")
    with pytest.raises(FolderDamagedError):
        in_bucket.content(digest, in_bucket.elsewhere)
    with pytest.raises(FolderDamagedError):
        in_bucket.elsewhere.read(digest, "model.onnx")


@pytest.mark.parametrize("index", [b'{"form":2,"nonce":"","files":[]}', b'{"form":2}', b"\xff"])
def test_an_index_that_a_later_version_wrote_is_refused(index: bytes) -> None:
    with pytest.raises(FolderDamagedError):
        Index.decode(index, hashlib.sha256(index).hexdigest())


def test_a_store_that_is_away(in_bucket: Bench) -> None:
    digest = in_bucket.folders.publish(in_bucket.made())
    settings = replace(in_bucket.settings, s3_endpoint_url="http://127.0.0.1:9")
    away = published_folders(settings, in_bucket.records)
    assert in_bucket.content(digest, away) == FILES  # from the copy
    made = in_bucket.made()
    with pytest.raises(ObjectStoreError):
        away.publish(made)
    assert made.exists()
    elsewhere = replace(settings, data_directory=settings.data_directory / "second")
    with pytest.raises(FolderAwayError):
        in_bucket.content(digest, published_folders(elsewhere, in_bucket.records))


@pytest.fixture
def small_cache(in_bucket: Bench) -> Callable[[int], BucketFolders]:
    objects = ObjectStores(in_bucket.settings, in_bucket.records)

    def make(max_bytes: int) -> BucketFolders:
        cache = FolderCache(in_bucket.settings.files_cache_directory, max_bytes)
        bucket = in_bucket.settings.system_bucket
        return BucketFolders(objects.internal, bucket, "installation", cache)

    return make


def copies(bench: Bench) -> set[str]:
    found = bench.settings.files_cache_directory.glob(f"*/{INDEX_FILE}")
    return {path.parent.name for path in found}


def test_the_copies_used_longest_ago_go_first(
    in_bucket: Bench, small_cache: Callable[[int], BucketFolders]
) -> None:
    size = 10_000
    store = small_cache(2 * size)
    first, second, third = (store.publish(in_bucket.made({"f": b"x" * size})) for _ in range(3))
    assert copies(in_bucket) == {second, third}
    with store.using(second) as used:
        assert in_bucket.content(first, store) == {"f": b"x" * size}
        assert copies(in_bucket) == {second, first}
        small_cache(0)._cache.evict()
        assert (used / "f").exists()
    assert in_bucket.content(third, store) == {"f": b"x" * size}
    assert copies(in_bucket) == {first, third}
    locks = {path.stem for path in in_bucket.settings.files_cache_directory.glob("*.lock")}
    assert locks == {first, third}


def test_of_a_sealed_folder_only_ciphertext_leaves(in_bucket: Bench) -> None:
    made = in_bucket.settings.data_directory / "sealed"
    made.mkdir()
    sealed = SealedFolder(made, os.urandom(32))
    (sealed / "model.onnx").write_bytes(b"weights" * 1000)
    digest = in_bucket.folders.publish(made)
    for key in in_bucket.objects():
        stored = in_bucket.s3.get_object(Bucket=in_bucket.settings.system_bucket, Key=key)
        assert b"weights" not in stored["Body"].read()
    with in_bucket.elsewhere.using(digest) as folder:
        assert (sealed.below(folder) / "model.onnx").read_bytes() == b"weights" * 1000


def test_no_caller_sees_or_reaches_the_system_bucket(in_bucket: Bench, s3: S3Client) -> None:
    in_bucket.folders.publish(in_bucket.made())
    settings, hidden = in_bucket.settings, in_bucket.settings.system_bucket
    assert hidden in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    with in_bucket.records.read() as connection:
        (admin,) = accounts.list_access_keys(connection)
    caller = ObjectStores(settings, in_bucket.records).for_key(admin.access_key_id)
    assert hidden not in {each["Name"] for each in caller.list_buckets()["Buckets"]}
    for call in (
        lambda: caller.head_bucket(Bucket=hidden),
        lambda: caller.list_objects_v2(Bucket=hidden),
        lambda: caller.put_object(Bucket=hidden, Key="k", Body=b""),
        lambda: caller.get_object(Bucket=hidden, Key=in_bucket.objects()[0]),
        lambda: caller.delete_object(Bucket=hidden, Key=in_bucket.objects()[0]),
    ):
        with pytest.raises(ClientError, match="NoSuchBucket"):
            call()
    with pytest.raises(ClientError, match="BucketAlreadyExists"):
        caller.create_bucket(Bucket=hidden)


def test_the_digest_is_of_the_index(in_bucket: Bench) -> None:
    digest = in_bucket.folders.publish(in_bucket.made())
    (key,) = [key for key in in_bucket.objects() if key.endswith(INDEX_FILE)]
    body = in_bucket.s3.get_object(Bucket=in_bucket.settings.system_bucket, Key=key)["Body"].read()
    assert hashlib.sha256(body).hexdigest() == digest
