"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lensmith.store.files import write_atomically


def test_replaces_content_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"first")
    write_atomically(path, b"second", mode=0o600)
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_leaves_the_old_file_when_it_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "directory"
    path.mkdir()
    (path / "file").touch()
    with pytest.raises(OSError, match="directory"):
        write_atomically(path, b"data")
    assert list(tmp_path.iterdir()) == [path]
