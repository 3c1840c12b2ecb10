"""Labels from folder names."""

from __future__ import annotations

import pytest

from lensmith.manifest.convert.folder_label import folder_label, is_picture_name


@pytest.mark.parametrize(
    ("path", "label"),
    [("echo-dot/white/x.png", "echo-dot"), ("echo/x.png", "echo"), ("x.png", None)],
)
def test_the_first_folder_is_the_label(path: str, label: str | None) -> None:
    assert folder_label(path) == label


def test_pictures_end_in_any_case() -> None:
    names = ["a.PNG", "b/a.jpeg", "a.Jpg", "a.gif", "png", "a.png/"]
    assert [is_picture_name(name) for name in names] == [True, True, True, False, False, False]
