"""The store starts again after a write that found no room, once there is some."""

from __future__ import annotations

from pathlib import Path

from lensmith.server.store_recovery import StoreRecovery

_FAULT = b"E1130 persisting /buckets/a: write objects/filerldb2/03/1.log: no space left on device\n"
_PASSING = b"I1130 append to volume 1: write objects/pictures_1.dat: no space left on device\n"


def test_a_store_that_fails_to_write_though_there_is_room_starts_again(tmp_path: Path) -> None:
    log, restarts = tmp_path / "seaweed.log", list[str]()
    log.write_bytes(_FAULT * 100)
    recovery = StoreRecovery(log, tmp_path, lambda: restarts.append("x"), room_bytes=0)
    assert not recovery.look(), "written before there was room"
    with log.open("ab") as file:
        file.write(_PASSING)
    assert not recovery.look()
    with log.open("ab") as file:
        file.write(_FAULT)
    assert recovery.look()
    assert not recovery.look()
    log.write_bytes(_FAULT)  # rotated
    assert recovery.look()
    assert len(restarts) == 2


def test_it_waits_for_room(tmp_path: Path) -> None:
    log, restarts = tmp_path / "seaweed.log", list[str]()
    recovery = StoreRecovery(log, tmp_path, lambda: restarts.append("x"), room_bytes=1 << 60)
    assert not recovery.look()
    log.write_bytes(_FAULT)
    assert not recovery.look()
    assert restarts == []
