"""Pictures of objects on a live server."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from PIL import ExifTags, Image
from tests.support.browser_session import Answer, BrowserSession

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RED, BLUE = (220, 20, 20), (20, 20, 220)


def picture(
    width: int = 800, height: int = 600, orientation: int = 1, image_format: str = "JPEG"
) -> bytes:
    """Red above, blue below, as the file has its rows."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, height // 2, width, height))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = io.BytesIO()
    image.save(file, image_format, exif=exif)
    return file.getvalue()


@pytest.fixture
def put(s3: S3Client, bucket: str) -> Callable[[str, bytes], str]:
    """Stores an object and returns the path of its picture."""

    def store(key: str, data: bytes) -> str:
        s3.put_object(Bucket=bucket, Key=key, Body=data)
        return f"/_lensmith/pictures/{bucket}/{quote(key)}"

    return store


def opened(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer.body
    return Image.open(io.BytesIO(answer.body))


def colours(image: Image.Image) -> list[str]:
    """Of left, right, top and bottom."""
    width, height = image.size
    places = [(3, height // 2), (width - 4, height // 2), (width // 2, 3), (width // 2, height - 4)]
    seen = [image.convert("RGB").getpixel(place) for place in places]
    return ["red" if isinstance(c, tuple) and c[0] > c[2] else "blue" for c in seen]


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_a_thumbnail_is_a_small_jpeg(
    browser: BrowserSession, put: Callable[[str, bytes], str], image_format: str
) -> None:
    path = put("a folder/pïcture#1.jpg", picture(image_format=image_format))
    image = opened(browser.get(f"{path}?size=320"))
    assert (image.format, image.size) == ("JPEG", (320, 240))
    assert opened(browser.get(path)).size == (320, 240)
    assert opened(browser.get(f"{path}?size=2000")).size == (800, 600)


def test_pictures_are_upright(browser: BrowserSession, put: Callable[[str, bytes], str]) -> None:
    path = put("phone.jpg", picture(orientation=6))  # its top is to the right
    for query, size in (("?size=100", (75, 100)), ("?size=full", (600, 800))):
        image = opened(browser.get(f"{path}{query}"))
        assert image.size == size
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1
        assert colours(image)[:2] == ["blue", "red"]


def test_the_whole_picture_is_the_file_itself(
    browser: BrowserSession, put: Callable[[str, bytes], str]
) -> None:
    for image_format in ("JPEG", "PNG"):
        data = picture(image_format=image_format)
        answer = browser.get(put(f"whole.{image_format}", data) + "?size=full")
        assert answer.body == data
        assert answer.headers["content-type"] == f"image/{image_format.lower()}"


def test_a_picture_is_made_once_and_again_when_the_object_changes(
    browser: BrowserSession, put: Callable[[str, bytes], str]
) -> None:
    kept = browser.server.home / "data" / "pictures"
    path = put("once.jpg", picture())
    before = {file for file in kept.rglob("*") if file.is_file()}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(browser.get, [f"{path}?size=64"] * 8))
    assert len({answer.body for answer in answers}) == 1
    (made,) = {file for file in kept.rglob("*") if file.is_file()} - before
    assert made.read_bytes() == answers[0].body

    put("once.jpg", picture(600, 800))
    assert opened(browser.get(f"{path}?size=64")).size == (48, 64)


def test_browsers_keep_a_picture_with_its_version(
    browser: BrowserSession, put: Callable[[str, bytes], str]
) -> None:
    path = put("kept.jpg", picture())
    pinned = browser.get(f"{path}?size=64&v=1")
    assert pinned.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    asked = browser.get(f"{path}?size=64")
    assert asked.headers["Cache-Control"] == "private, no-cache"
    again = browser.send("GET", f"{path}?size=64", headers={"If-None-Match": asked.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert asked.headers["X-Content-Type-Options"] == "nosniff"
    assert asked.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def bomb() -> bytes:
    """A PNG of 3600 megapixels in a few bytes."""
    data = bytearray(picture(64, 64, image_format="PNG"))
    data[16:24] = (60_000).to_bytes(4) * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><script>alert(1)</script></html>", "InvalidImageFormatException"),
        (picture()[:3000], "InvalidImageFormatException"),
        (b"", "InvalidImageFormatException"),
        (bomb(), "ImageTooLargeException"),
        (picture(10, 10), "InvalidParameterException"),
        (bytes((15 << 20) + 1), "IMAGE_TOO_LARGE"),
    ],
)
def test_an_object_that_is_no_picture_is_refused_with_the_reason(
    browser: BrowserSession, put: Callable[[str, bytes], str], data: bytes, reason: str
) -> None:
    answer = browser.get(put("odd.jpg", data) + "?size=64")
    assert (answer.status, answer.code) == (415, "UnsupportedMediaType")
    assert answer.json["reason"] == reason
    assert answer.json["message"]


def test_what_is_not_there_is_told(browser: BrowserSession, bucket: str) -> None:
    for path, code in (
        (f"{bucket}/none.jpg", "NoSuchKey"),
        (f"{bucket}/../x.jpg", "NoSuchKey"),
        ("no-such-bucket-here/none.jpg", "NoSuchBucket"),
    ):
        answer = browser.get(f"/_lensmith/pictures/{path}")
        assert (answer.status, answer.code) == (404, code)
    assert browser.get(f"/_lensmith/pictures/{bucket}/x?size=9").code


def test_the_cookie_reads_pictures_for_pages_of_this_site(
    browser: BrowserSession, put: Callable[[str, bytes], str]
) -> None:
    path = put("by-cookie.jpg", picture())
    page = BrowserSession(browser.server, {"Cookie": browser.cookie})
    assert opened(page.get(path)).size == (320, 240)
    same = {"Sec-Fetch-Site": "same-origin"}
    assert page.send("GET", path, headers=same).status == 200
    other = page.send("GET", path, headers={"Sec-Fetch-Site": "same-site"})
    assert other.code == "MissingAuthenticationTokenException"
    stranger = BrowserSession(browser.server, {"Cookie": browser.cookie[:-3] + "xxx"})
    assert stranger.get(path).code == "ExpiredTokenException"
    assert BrowserSession(browser.server).get(path).code == "MissingAuthenticationTokenException"


def test_who_may_not_read_the_object_sees_no_picture(
    put: Callable[[str, bytes], str],
    browser: BrowserSession,
    browser_of: Callable[..., BrowserSession],
) -> None:
    path = put("secret.jpg", picture())
    assert browser.get(f"{path}?size=64").status == 200  # it is kept from here on
    stranger = browser_of("rekognition:*")
    refused = stranger.get(f"{path}?size=64")
    assert (refused.status, refused.code) == (400, "AccessDeniedException")
    assert "s3:GetObject" in refused.json["message"]
    assert browser_of("s3:GetObject").get(f"{path}?size=64").status == 200


def test_a_picture_that_cannot_be_decoded_is_answered_alike_again_until_it_is_replaced(
    browser: BrowserSession, s3: S3Client, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="broken.png", Body=b"\x89PNG\r\n\x1a\n" + bytes(2000))
    address = f"/_lensmith/pictures/{bucket}/broken.png?size=64"
    first, again = browser.get(address), browser.get(address)
    assert first.status == again.status == 415
    assert first.code == again.code == "UnsupportedMediaType"
    file = io.BytesIO()
    Image.new("RGB", (100, 80)).save(file, "PNG")
    s3.put_object(Bucket=bucket, Key="broken.png", Body=file.getvalue())
    assert browser.get(address).status == 200
