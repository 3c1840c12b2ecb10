from __future__ import annotations

from pathlib import Path

import pytest

from lensmith.config import Settings


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("", ()),
        ("facebook/dinov2-small", ("facebook/dinov2-small",)),
        (" /models/a , owner/b@v1,, owner/b@v1", ("/models/a", "owner/b@v1")),
    ],
)
def test_backbones_are_named_between_commas(listed: str, names: tuple[str, ...]) -> None:
    assert Settings.from_environment({"LENSMITH_BACKBONES": listed}).backbones == names


def test_a_child_process_reads_the_same_settings() -> None:
    settings = Settings(Path("/data"), port=1234, backbones=("owner/a", "/models/b"))
    assert Settings.from_environment(settings.to_environment()) == settings
