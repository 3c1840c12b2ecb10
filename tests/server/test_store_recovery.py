"""The store starts again after a write that found no room, once there is some."""

from __future__ import annotations

from pathlib import Path

from lensmith.server.store_recovery import StoreRecovery

_FAULT = b"E1130 filer.go:301 persisting /buckets/a: write 000001.log: no space left on device\n"


def test_a_store_that_failed_to_write_starts_again_once(tmp_path: Path) -> None:
    log, restarts = tmp_path / "seaweed.log", list[str]()
    log.write_bytes(b"I1130 started\n" * 100)
    recovery = StoreRecovery(log, tmp_path, lambda: restarts.append("x"), room_bytes=0)
    assert not recovery.look()
    with log.open("ab") as file:
        file.write(_FAULT * 3)
    assert recovery.look()
    assert not recovery.look()
    log.write_bytes(_FAULT)  # rotated
    assert recovery.look()
    assert len(restarts) == 2


def test_it_waits_for_room(tmp_path: Path) -> None:
    log, restarts = tmp_path / "seaweed.log", list[str]()
    log.write_bytes(_FAULT)
    recovery = StoreRecovery(log, tmp_path, lambda: restarts.append("x"), room_bytes=1 << 60)
    assert not recovery.look()
    assert restarts == []
