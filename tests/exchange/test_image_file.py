"""What the first bytes of an image file say."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.exchange.workshop import picture

from lensmith.exchange.image_file import is_png_or_jpeg, upright_size


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_the_size_is_that_of_the_upright_image(tmp_path: Path, ending: str) -> None:
    assert upright_size(picture(tmp_path / f"a.{ending}", (200, 100))) == (200, 100)
    assert upright_size(picture(tmp_path / f"b.{ending}", (200, 100), turned=True)) == (100, 200)


@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_the_beginning_of_the_file_is_enough(format_: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, format_)
    assert upright_size(io.BytesIO(file.getvalue()[:20_000])) == (400, 300)


def test_other_files_have_no_size(tmp_path: Path) -> None:
    Image.new("RGB", (80, 80)).save(tmp_path / "a.gif")
    (tmp_path / "empty.png").touch()
    for name in ("a.gif", "empty.png", "gone.png"):
        assert upright_size(tmp_path / name) is None
    assert not is_png_or_jpeg(tmp_path / "a.gif")
    assert not is_png_or_jpeg(tmp_path / "empty.png")
