"""One server a data directory, whatever became of the last one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
