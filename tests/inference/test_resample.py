"""Oracle: Pillow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.support.artefacts import average_colour

from lensmith.inference.artefact import Artefact, Preprocessing, Resampler, Resize
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import place, render, rendered
from lensmith.inference.resample import Box, resample, resampler_here

RANDOM = np.random.default_rng(0)

FAST = Resampler.FAST_IMAGE_RESIZE
ROUNDING = 2  # grey levels: of noise one value in 100,000 differs by 2, the others by 1 or nothing

_WITHOUT_PACKAGE = """
import sys
sys.modules["cykooz_resizer"] = None
import numpy as np
from lensmith.inference.resample import Resampler, resample, resampler_here
assert resampler_here() is Resampler.PILLOW
pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
print(*resample(pixels, (2, 3), (0, 1, 3.5, 4), Resampler.FAST_IMAGE_RESIZE).flat)
"""


def noise(size: tuple[int, int]) -> Pixels:
    return RANDOM.integers(0, 256, (size[1], size[0], 3), np.uint8)


def by_pillow(pixels: Pixels, size: tuple[int, int], box: Box) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, box=box))


def differences(one: Pixels, other: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    assert one.shape == other.shape
    difference: np.ndarray[tuple[int, ...], np.dtype[np.int64]] = np.abs(one.astype(int) - other)
    return difference


sides = st.integers(1, 300)
edges = st.tuples(st.floats(0, 0.4), st.floats(0.6, 1))


@given(st.tuples(sides, sides), st.tuples(sides, sides), edges, edges)
def test_both_resample_alike(
    source: tuple[int, int],
    size: tuple[int, int],
    across: tuple[float, float],
    down: tuple[float, float],
) -> None:
    box = across[0] * source[0], down[0] * source[1], across[1] * source[0], down[1] * source[1]
    pixels = noise(source)
    expected = by_pillow(pixels, size, box)
    assert (resample(pixels, size, box) == expected).all()
    assert differences(resample(pixels, size, box, FAST), expected).max() <= ROUNDING


@pytest.mark.parametrize(
    ("source", "frame", "resize"),  # whose box is longer than the picture, by rounding
    [
        ((323, 599), (260, 260), Resize.LETTERBOX),
        ((827, 232), (320, 320), Resize.LETTERBOX),
        ((232, 1706), (224, 224), Resize.STRETCH),
        ((181, 928), (224, 224), Resize.STRETCH),
    ],
)
def test_a_box_ends_where_the_picture_ends(
    source: tuple[int, int], frame: tuple[int, int], resize: Resize
) -> None:
    placement = place(source, frame, Preprocessing(resize))
    for shown in (source, (-(-source[0] // 2), -(-source[1] // 2))):
        pixels = noise(shown)
        fast = render(pixels, placement, frame, 127, FAST)
        assert differences(fast, render(pixels, placement, frame, 127)).max() <= ROUNDING


def test_turned_pixels() -> None:
    pixels = noise((90, 60)).transpose(1, 0, 2)[::-1]
    fast = resample(pixels, (40, 40), (0, 0, 60, 90), FAST)
    expected = by_pillow(np.ascontiguousarray(pixels), (40, 40), (0, 0, 60, 90))
    assert differences(fast, expected).max() <= ROUNDING


def test_models_of_before_are_resized_by_pillow(tmp_path: Path) -> None:
    average_colour(tmp_path)
    stored = msgspec.json.decode((tmp_path / "model.json").read_bytes())
    del stored["preprocessing"]["resampler"]
    (tmp_path / "model.json").write_bytes(msgspec.json.encode(stored))
    preprocessing = Artefact.read(tmp_path).preprocessing
    assert preprocessing.resampler is Resampler.PILLOW
    pixels = noise((300, 200))
    placement = place((300, 200), (96, 64), preprocessing)
    expected = by_pillow(pixels, (96, 64), (0, 0, 300, 200))
    assert (rendered(pixels, placement, (96, 64), preprocessing) == expected).all()


def test_here_is_the_fast_one() -> None:
    assert resampler_here() is FAST


def test_pillow_stands_in_where_the_package_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PACKAGE], capture_output=True, text=True, check=True
    )
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    expected = by_pillow(pixels, (2, 3), (0, 1, 3.5, 4))
    assert done.stdout.split() == [str(value) for value in expected.flat]
