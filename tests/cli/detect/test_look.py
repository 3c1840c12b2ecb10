"""Looks that end before a model is asked."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any, cast

from lensmith.cli.detect.look import Looker
from lensmith.cli.detect.source import Source

_UNUSED = cast(Any, None)


def failure(path: Path) -> str | None:
    source = Source(path, PurePosixPath(path.name))
    return Looker(_UNUSED, _UNUSED, None).at_image(source, None).result.error


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert failure(tmp_path / "pipe.jpg") == "Not a file."
    assert failure(Path("/dev/zero")) == "Not a file."


def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    assert failure(tmp_path / "gone.jpg") == "Cannot be read: No such file or directory."
