from __future__ import annotations

from pathlib import Path

from lensmith.server.log_rotation import rotate


def test_a_long_log_moves_on_while_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    with log.open("ab", buffering=0) as child:
        child.write(b"first\n")
        assert not rotate(log, max_bytes=10)
        child.write(b"second\n")
        assert rotate(log, max_bytes=10)
        child.write(b"third\n")
    assert (tmp_path / "child.log.1").read_bytes() == b"first\nsecond\n"
    assert log.read_bytes() == b"third\n"
    assert not rotate(tmp_path / "missing.log")
