"""Any picture, made into one that DetectCustomLabels takes."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from tests.cli.detect.footage import noise, picture

from lensmith.cli.detect.failure import PictureError
from lensmith.cli.detect.picture import from_frame, within_limits
from lensmith.domain.image_limits import MAX_IMAGE_BYTES, MAX_REQUEST_IMAGE_BYTES
from lensmith.inference.image import read_header

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n%%EndComments\nshowpage\n"


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_what_is_within_the_limits_stays_as_it_is(image_format: str) -> None:
    data = picture(image_format)
    made = within_limits(data, MAX_REQUEST_IMAGE_BYTES)
    assert (made.data, made.width, made.height, made.is_original) == (data, 96, 64, True)


@pytest.mark.parametrize("image_format", ["WEBP", "TIFF", "BMP", "GIF", "AVIF", "PPM"])
def test_other_formats_become_jpeg(image_format: str) -> None:
    made = within_limits(picture(image_format, colour=(0, 0, 204)), MAX_REQUEST_IMAGE_BYTES)
    assert (made.width, made.height, made.is_original) == (96, 64, False)
    assert read_header(made.data).format == "JPEG"
    red, green, blue = made.image().resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert (red < 12, green < 12, abs(blue - 204) < 12) == (True, True, True)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    file = io.BytesIO()
    Image.new("I;16", (64, 64), 0x8000).save(file, "TIFF")
    made = within_limits(file.getvalue(), MAX_REQUEST_IMAGE_BYTES)
    assert made.image().getpixel((9, 9)) == (128, 128, 128)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_a_heavy_file_is_compressed_more(image_format: str) -> None:
    data = noise((1500, 1500), image_format)
    assert len(data) > MAX_REQUEST_IMAGE_BYTES
    made = within_limits(data, MAX_REQUEST_IMAGE_BYTES)
    assert len(made.data) <= MAX_REQUEST_IMAGE_BYTES
    assert (made.width, made.height) == (1500, 1500)
    assert read_header(made.data)
    assert within_limits(data, MAX_IMAGE_BYTES).is_original is (len(data) <= MAX_IMAGE_BYTES)


@pytest.mark.parametrize("orientation", [1, 6, 99])
def test_long_sides_are_scaled_and_sizes_are_those_of_the_upright_original(
    orientation: int,
) -> None:
    image = Image.new("RGB", (9000, 900), (0, 0, 255))
    exif = image.getexif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    made = within_limits(file.getvalue(), MAX_REQUEST_IMAGE_BYTES)
    header = read_header(made.data)
    is_turned = orientation == 6
    assert (made.width, made.height) == ((900, 9000) if is_turned else (9000, 900))
    assert sorted((header.width, header.height)) == [410, 4096]
    assert (header.height > header.width) is is_turned


def test_a_frame_of_any_size_fits() -> None:
    made = from_frame(Image.new("RGB", (7680, 4320)))
    assert (made.width, made.height) == (7680, 4320)
    assert read_header(made.data).width == 4096


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no format"),
        (b"%PDF-1.7", "no format"),
        (EPS, "no format"),
        (picture("WEBP")[:60], "can be read"),
        (picture("TIFF")[:-4000], "can be read"),
        (picture(size=(63, 64)), "at least 64"),
        (picture(size=(64, 1400)), "20 times"),
    ],
    ids=["empty", "PDF", "PostScript", "cut WebP", "cut TIFF", "small", "narrow"],
)
def test_what_cannot_be_looked_at_is_said(data: bytes, said: str) -> None:
    with pytest.raises(PictureError, match=said):
        within_limits(data, MAX_REQUEST_IMAGE_BYTES)
