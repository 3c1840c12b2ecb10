from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.support.living_folder import contents_below


def test_what_goes_meanwhile_is_left_out(tmp_path: Path) -> None:
    """A training ends, and its folder goes with it."""
    for name in ("a", "b/c", "d"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    os.mkfifo(tmp_path / "a" / "pipe")
    (tmp_path / "a" / "link").symlink_to("file")
    found = contents_below(tmp_path)
    _, first = next(found)
    for name in {"a", "b", "d"} - {first.decode()[0]}:
        shutil.rmtree(tmp_path / name)
    assert list(found) == []
