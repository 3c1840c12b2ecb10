"""The moment of a backup: the object store stands still for all of it, or there is none."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.support.eventually import until
from tests.support.suspended import states

from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.store import backup
from lensmith.store.folder_lock import locked_folder

STOPPED = {"T"}


@pytest.fixture
def settings(tmp_path: Path, empty_records: Path) -> Settings:
    made = Settings(tmp_path / "data")
    made.data_directory.mkdir()
    shutil.copy(empty_records, made.data_directory)
    return made


@pytest.fixture
def store(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A process that passes for the object store of the data directory."""
    named = f"-dir={settings.data_directory / 'objects'}"
    directory = settings.run_directory / "seaweed"
    directory.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", "input()", named], stdin=subprocess.PIPE) as store:
        (directory / "pid").write_text(str(store.pid))
        yield store
        store.kill()


def test_files_are_linked_once_each_thread_of_the_store_is_stopped(
    settings: Settings,
    store: subprocess.Popen[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link_all = backup._link_all
    seen: list[set[str]] = []

    def suspend_later(process: psutil.Process) -> None:  # as the kernel does on a busy machine
        threading.Timer(0.3, process.send_signal, [signal.SIGSTOP]).start()

    def link(directory: Path, staging: Path) -> dict[Path, int]:
        seen.append(states(store.pid))
        return link_all(directory, staging)

    monkeypatch.setattr(psutil.Process, "suspend", suspend_later)
    monkeypatch.setattr(backup, "_link_all", link)
    backup.back_up(settings, tmp_path / "a.tar", "0", "now")
    assert seen == [STOPPED]
    until(lambda: states(store.pid) != STOPPED, message="the store does not go on")


def test_a_backup_that_took_longer_than_the_store_stood_still_is_none(
    settings: Settings,
    store: subprocess.Popen[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def link_slowly(*_: Path) -> dict[Path, int]:
        until(lambda: states(store.pid) != STOPPED)
        return {}

    monkeypatch.setattr(backup, "_link_all", link_slowly)
    with pytest.raises(LensmithError, match="less busy"):
        backup.back_up(settings, tmp_path / "a.tar", "0", "now", max_pause_seconds=1)
    assert not [*tmp_path.glob("*a.tar*")]


def test_what_a_killed_backup_left_goes_with_the_next(settings: Settings, tmp_path: Path) -> None:
    killed, running, begun = (settings.data_directory / f"backup-{name}" for name in "abc")
    for folder in (killed, running, begun):
        (folder / "objects").mkdir(parents=True)
    for folder in (killed, running):
        os.utime(folder, (0, 0))
    with locked_folder(running, fcntl.LOCK_SH):
        backup.back_up(settings, tmp_path / "a.tar", "0", "now")
    assert [folder.exists() for folder in (killed, running, begun)] == [False, True, True]
