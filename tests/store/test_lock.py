"""One server a data directory, whatever became of the last one."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.store.lock import DataDirectoryLock, current_holder, last_holder

_HOLD = """
import sys
from pathlib import Path
from lensmith.config import Settings
from lensmith.store.lock import DataDirectoryLock
lock = DataDirectoryLock.acquire(Settings(Path(sys.argv[1]), port=1234))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", port=7400, region="eu-west-1")


def test_makes_a_private_directory_and_says_who_holds_it(settings: Settings) -> None:
    lock = DataDirectoryLock.acquire(settings)
    assert settings.data_directory.stat().st_mode & 0o777 == 0o700
    holder = current_holder(settings.data_directory)
    assert holder is not None
    assert (holder.pid, holder.endpoint) == (os.getpid(), "http://127.0.0.1:7400")
    assert (holder.s3_endpoint, holder.region) == ("http://127.0.0.1:7401", "eu-west-1")
    lock.release()


def test_refuses_a_second_one_and_names_the_first(settings: Settings) -> None:
    lock = DataDirectoryLock.acquire(settings)
    with pytest.raises(StartupError, match=f"process {os.getpid()} at http://127.0.0.1:7400"):
        DataDirectoryLock.acquire(replace(settings, port=9999))
    lock.release()
    DataDirectoryLock.acquire(settings).release()


def test_is_free_after_release_but_remembers(settings: Settings) -> None:
    assert last_holder(settings.data_directory) is None
    assert current_holder(settings.data_directory) is None
    DataDirectoryLock.acquire(settings).release()
    assert current_holder(settings.data_directory) is None
    assert last_holder(settings.data_directory) is not None


def test_a_killed_holder_leaves_it_free(settings: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(settings.data_directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StartupError, match=f"process {process.pid} "):
            DataDirectoryLock.acquire(settings)
        process.send_signal(signal.SIGKILL)
    DataDirectoryLock.acquire(settings).release()


def test_a_directory_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartupError, match="cannot be used"):
        DataDirectoryLock.acquire(Settings(tmp_path / "file" / "data"))


def test_a_reader_that_is_paused_keeps_no_server_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    DataDirectoryLock.acquire(settings).release()
    reader = (settings.data_directory / "lock").open("rb")
    fcntl.flock(reader, fcntl.LOCK_SH)  # as `current_holder` does
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 50:
            reader.close()

    monkeypatch.setattr(time, "sleep", pause)
    DataDirectoryLock.acquire(settings).release()
    assert len(pauses) == 50


def test_a_reader_meets_a_whole_description(settings: Settings) -> None:
    """Also a server that starts after one that was killed while it wrote: it keeps the id."""
    lock = DataDirectoryLock.acquire(settings)

    def describe() -> None:
        for number in range(500):
            lock.describe(replace(settings, region="eu-" * (number % 7)))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(describe)
        while not writing.done():
            holder = current_holder(settings.data_directory)
            assert holder is not None
            assert holder.directory_id == lock.directory_id
        writing.result()
    lock.release()
