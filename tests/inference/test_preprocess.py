"""Oracle: Pillow's pad and fit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.inference.image import Pixels
from lensmith.inference.postprocess import to_image
from lensmith.inference.preprocess import Placement, place, prepare, render

FRAME = (96, 64)
SIZES = [(96, 64), (200, 100), (100, 200), (80, 1280), (1280, 80), (333, 217)]


def picture(size: tuple[int, int]) -> Image.Image:
    across, down = np.meshgrid(np.linspace(0, 255, size[0]), np.linspace(0, 255, size[1]))
    return Image.fromarray(np.stack([across, down, 255 - across], axis=2).astype(np.uint8))


def rendered(image: Image.Image, preprocessing: Preprocessing) -> Pixels:
    placement = place(image.size, FRAME, preprocessing)
    return render(np.asarray(image), placement, FRAME, preprocessing.fill)


def difference(pixels: Pixels, reference: Image.Image) -> float:
    expected = np.asarray(reference).astype(int)
    assert pixels.shape == expected.shape
    return float(np.abs(pixels.astype(int) - expected).mean())


@pytest.mark.parametrize("size", SIZES)
def test_stretching(size: tuple[int, int]) -> None:
    image = picture(size)
    reference = image.resize(FRAME, Image.Resampling.BILINEAR)
    assert difference(rendered(image, Preprocessing(Resize.STRETCH)), reference) == 0


@pytest.mark.parametrize("size", SIZES)
def test_letterboxing(size: tuple[int, int]) -> None:
    image = picture(size)
    reference = ImageOps.pad(image, FRAME, Image.Resampling.BILINEAR, (9, 9, 9))
    assert difference(rendered(image, Preprocessing(Resize.LETTERBOX, fill=9)), reference) < 2


@pytest.mark.parametrize("size", SIZES)
def test_cropping(size: tuple[int, int]) -> None:
    image = picture(size)
    reference = ImageOps.fit(image, FRAME, Image.Resampling.BILINEAR)
    assert difference(rendered(image, Preprocessing(Resize.CROP)), reference) < 2


def test_cropping_keeps_the_middle_of_the_share_asked_for() -> None:
    image = picture((96, 64))
    middle = image.resize(FRAME, Image.Resampling.BILINEAR, box=(12, 8, 84, 56))
    assert difference(rendered(image, Preprocessing(Resize.CROP, crop=0.75)), middle) < 1


def test_a_scaled_down_picture_lands_in_the_same_place() -> None:
    image, preprocessing = picture((960, 640)), Preprocessing(Resize.LETTERBOX)
    placement = place(image.size, (64, 64), preprocessing)
    whole = render(np.asarray(image), placement, (64, 64), 0)
    smaller = render(np.asarray(image.reduce(4)), placement, (64, 64), 0)
    assert np.abs(whole.astype(int) - smaller.astype(int)).max() <= 3


sides = st.integers(64, 4096)
shares = st.floats(0, 1, width=32)


@given(sides, sides, st.sampled_from(Resize), st.floats(0.5, 1), shares, shares)
def test_boxes_find_their_way_back(
    width: int, height: int, resize: Resize, crop: float, left: float, top: float
) -> None:
    placement = place((width, height), FRAME, Preprocessing(resize, crop))
    on_frame = (
        (placement.left + left * placement.width) / FRAME[0],
        (placement.top + top * placement.height) / FRAME[1],
    )
    back = to_image(np.array([[*on_frame, *on_frame]], np.float32), placement, FRAME)
    assert back[0] == pytest.approx([left, top, left, top], abs=1e-3)


@given(sides, sides, st.sampled_from([Resize.CROP, Resize.LETTERBOX]))
def test_proportions_are_kept(width: int, height: int, resize: Resize) -> None:
    placed = place((width, height), (320, 320), Preprocessing(resize))
    exact = 320 * max(width, height) / min(width, height) if resize is Resize.CROP else 320
    assert max(placed.width, placed.height) == pytest.approx(exact, abs=1)


def test_a_file_is_prepared_upright() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    buffer = io.BytesIO()
    picture((320, 160)).save(buffer, "JPEG", exif=tags.tobytes(), quality=95)
    artefact = Artefact(
        Task.DETECTION, ("a",), (0.5,), (64, 64), Preprocessing(Resize.LETTERBOX, fill=9)
    )
    frame, placement = prepare(buffer.getvalue(), artefact)
    assert placement == Placement(16, 0, 32, 64)
    assert (frame[:, :16] == 9).all()
    assert (frame[:, 48:] == 9).all()
    turned = picture((320, 160)).transpose(Image.Transpose.ROTATE_270).resize((32, 64))
    assert difference(frame[:, 16:48], turned) < 4
