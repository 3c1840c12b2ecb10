"""The gallery of a dataset, and adding pictures (console.md, acceptance 13 and 19 to 22)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.console.conftest import Watched, tab_to
from tests.console.drawn_dataset import Fruit, Fruits, Shop, encoded, line

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

PLACES = "card => [...card.querySelectorAll('img')].map(e => e.getBoundingClientRect().toJSON())"


def cards(page: Page) -> list[str]:
    """The names of the pictures shown."""
    shown = page.get_by_test_id("image-card")
    names: list[str] = shown.evaluate_all("all => all.map(one => one.ariaLabel)")
    return names


@pytest.fixture(scope="module")
def many(rekognition: RekognitionClient, s3: S3Client) -> Fruits:
    """Pictures of several pages, for tests that change none of them."""
    return Shop(rekognition, s3).fruit(64, labeled=60)


def shows(page: Page, count: int) -> None:
    expect(page.get_by_test_id("image-card")).to_have_count(count)


def test_13_boxes_lie_around_what_they_mark(console: Watched, shop: Shop) -> None:
    fruits = shop.fruit(3, boxes=True)
    page = console.open(f"/projects/{fruits.project}/datasets")
    shows(page, 3)
    for card, number in zip(page.get_by_test_id("image-card").all(), range(3), strict=True):
        layer = card.locator("img.box-layer")
        expect(layer).to_be_visible()
        drawn_svg = unquote(layer.get_attribute("src") or "")
        assert 'viewBox="0 0 320 240"' in drawn_svg
        _, left, top, width, height = Fruit("apple", number).box
        outline = f'd="M{left} {top}h{width}v{height}h-{width}z"'
        assert drawn_svg.count(outline) == 2  # the line, and the edge under it
        # At one moment: what arrives meanwhile may move both.
        picture, drawn = card.evaluate(PLACES)
        assert picture == drawn
        assert drawn["width"] > 0
    page.get_by_test_id("image-card").nth(1).locator("a").first.click()
    expect(page.get_by_test_id("canvas")).to_be_visible()
    _, left, top, width, height = Fruit("apple", 1).box
    expected = re.compile(rf"^M{left} {top}h{width}v{height}h-{width}z$")
    expect(page.locator(".box-shape .box-line")).to_have_attribute("d", expected)


def test_21_filters_change_pictures_and_counts_and_stay(console: Watched, many: Fruits) -> None:
    page = console.open(f"/projects/{many.project}/datasets")
    expect(page.get_by_test_id("state-all")).to_contain_text("64")
    expect(page.get_by_test_id("state-unlabeled")).to_contain_text("4")
    page.get_by_test_id("state-unlabeled").click()
    shows(page, 4)
    assert cards(page) == ["060.png", "061.png", "062.png", "063.png"]
    page.reload()
    shows(page, 4)
    page.get_by_test_id("state-labeled").click()
    expect(page).to_have_url(re.compile("labeled=true"))
    page.get_by_role("checkbox", name=re.compile("^pear")).check()
    expect(page.get_by_role("heading", name="Images (20)")).to_be_visible()
    page.get_by_placeholder("Find images by file name").fill("04")
    expect(page).to_have_url(re.compile("name=04"))
    expect(page.get_by_role("heading", name="Images (5)")).to_be_visible()
    shows(page, 5)
    assert cards(page) == ["004.png", "040.png", "043.png", "046.png", "049.png"]


def test_21_the_second_page_and_back_keep_the_filter(console: Watched, many: Fruits) -> None:
    page = console.open(f"/projects/{many.project}/datasets?size=20&labeled=true")
    expect(page.get_by_role("heading", name="Images (60)")).to_be_visible()
    page.get_by_role("button", name="Page 2", exact=True).click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.get_by_role("link", name="020.png")).to_be_visible()
    page.get_by_role("link", name=many.project).first.click()
    expect(page.get_by_role("heading", level=1, name=many.project)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="020.png")).to_be_visible()
    expect(page).to_have_url(re.compile("labeled=true"))


def test_22_an_error_names_its_code_and_its_fix(console: Watched, shop: Shop) -> None:
    name, arn = shop.project()
    bucket = shop.bucket({"a.png": Fruit("plum", 1).png(), "b.png": Fruit("plum", 2).png()})
    faulty = line(f"s3://{bucket}/a.png", boxes=[("plum", 10, 10, -5, 20)])
    shop.dataset(arn, bucket, [faulty, *(line(f"s3://{bucket}/b.png", ["plum"]) for _ in range(1))])
    page = console.open(f"/projects/{name}/datasets?errors=true")
    shows(page, 1)
    page.get_by_test_id("image-error").first.click()
    expect(page.get_by_text("ERROR_INVALID_BOUNDING_BOX")).to_be_visible()
    expect(page.get_by_text("Draw it again.")).to_be_visible()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return tmp_path


def add(page: Page, files: list[Path]) -> None:
    page.locator("input[type=file]").first.set_input_files(files)


def test_19_many_pictures_come_in_batches(console: Watched, shop: Shop, files: Path) -> None:
    name, arn = shop.project()
    dataset = shop.empty_dataset(arn)
    chosen = []
    for number in range(75):
        chosen.append(files / f"{number:02}.png")
        chosen[-1].write_bytes(Fruit("pear", number).png())
    page = console.open(f"/projects/{name}/datasets")
    saves: list[str] = []
    page.on("request", lambda r: saves.append(r.url) if r.url.endswith("/entries") else None)
    page.get_by_test_id("add-first-images").click()
    add(page, chosen)
    page.get_by_test_id("upload").click()
    expect(page.get_by_text("75 images were added.")).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("state-unlabeled")).to_contain_text("75")
    assert len(saves) == 3
    assert sorted(shop.entries(dataset)) == [f"{number:02}.png" for number in range(75)]


def test_19_pictures_are_added_by_keyboard_alone(console: Watched, shop: Shop, files: Path) -> None:
    name, arn = shop.project()
    dataset = shop.empty_dataset(arn)
    chosen = [files / f"{number:02}.png" for number in range(31)]
    for number, file in enumerate(chosen):
        file.write_bytes(Fruit("pear", number).png())
    page = console.open(f"/projects/{name}/datasets")
    tab_to(page, page.get_by_test_id("add-first-images"))
    page.keyboard.press("Enter")
    page.locator("[role=dialog] :focus").wait_for()  # the dialog takes the focus once it is open
    page.on("filechooser", lambda _: None)  # or the browser shows its own between the two
    for key, some in (("Space", chosen[:9]), ("Enter", chosen[9:])):
        tab_to(page, page.get_by_role("button", name="Choose files"))
        with page.expect_file_chooser() as opened:
            page.keyboard.press(key)
        opened.value.set_files(some)
    expect(page.get_by_test_id("upload")).to_have_text("Upload 31 images")
    expect(page.get_by_test_id("upload")).to_be_enabled()
    tab_to(page, page.get_by_test_id("upload"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("31 images were added.")).to_be_visible(timeout=60_000)
    assert len(shop.entries(dataset)) == 31


def test_19_an_upload_whose_page_was_closed_goes_on(
    console: Watched, shop: Shop, files: Path
) -> None:
    fruits = shop.fruit(2)
    stored = Fruit("pear", 7).png()  # and not entered: the page was closed in between
    shop.s3.put_object(Bucket=fruits.bucket, Key="shelf/stored.png", Body=stored)
    shop.s3.put_object(Bucket=fruits.bucket, Key="shelf/other.png", Body=b"of somebody else")
    chosen = [files / name for name in ("000.png", "stored.png", "other.png")]
    for file in chosen:
        file.write_bytes(stored)
    page = console.open(f"/projects/{fruits.project}/datasets")
    page.get_by_test_id("gallery-actions").get_by_role("button").click()
    page.get_by_role("menuitem", name="Add images to training dataset").click()
    add(page, chosen)
    expect(page.get_by_text("1 file has a name that the dataset has already")).to_be_visible()
    page.get_by_test_id("upload").click()
    expect(page.get_by_text("2 images were added.")).to_be_visible()
    names = ["000.png", "001.png", "other-2.png", "stored.png"]
    assert sorted(shop.entries(fruits.dataset_arn)) == names


def test_20_a_file_that_goes_meanwhile_is_named_with_the_reason(
    console: Watched, shop: Shop, files: Path
) -> None:
    name, arn = shop.project()
    dataset = shop.empty_dataset(arn)
    chosen = [files / file_name for file_name in ("good.png", "gone.png", "fine.png")]
    for number, file in enumerate(chosen):
        file.write_bytes(Fruit("plum", number).png())
    page = console.open(f"/projects/{name}/datasets")
    page.get_by_test_id("add-first-images").click()
    add(page, chosen)
    expect(page.get_by_test_id("upload")).to_have_text("Upload 3 images")
    chosen[1].unlink()
    page.get_by_test_id("upload").click()
    failed = page.get_by_test_id("upload-failures").get_by_role("listitem")
    expect(failed).to_contain_text(re.compile("gone.png.*moved, changed or removed"))
    expect(page.get_by_test_id("resume")).to_be_visible()  # the others are entered at the end
    assert sorted(shop.entries(dataset)) == ["fine.png", "good.png"]
    console.errors.clear()  # Chromium writes down the file that it cannot read


def test_20_pictures_that_cannot_be_used_are_named(
    console: Watched, shop: Shop, files: Path
) -> None:
    name, arn = shop.project()
    dataset = shop.empty_dataset(arn)
    contents = {
        "good.png": Fruit("plum", 1).png(),
        "fine.jpg": encoded(Image.new("RGB", (100, 100), "#345"), "JPEG"),
        "film.gif": encoded(Image.new("P", (100, 100)), "GIF"),
        "heavy.jpg": encoded(Image.new("RGB", (100, 100)), "JPEG") + bytes(20 << 20),
        "small.png": encoded(Image.new("RGB", (40, 40))),
        "wide.png": encoded(Image.new("RGB", (5000, 300))),
        "strip.png": encoded(Image.new("RGB", (2000, 90))),
        "broken.jpg": b"\xff\xd8\xff\xe0" + bytes(3000),
        "empty.png": b"",
    }
    reasons = {
        "film.gif": "neither PNG nor JPEG",
        "heavy.jpg": "at most 15 MB",
        "small.png": "40 pixels; at least 64 on each side",
        "wide.png": "300 pixels; at most 4,096 on each side",
        "strip.png": "90 pixels; one side at most 20 times the other",
        "broken.jpg": "cannot be read as a picture",
        "empty.png": "neither PNG nor JPEG",
    }
    for file_name, content in contents.items():
        (files / file_name).write_bytes(content)
    page = console.open(f"/projects/{name}/datasets")
    page.get_by_test_id("add-first-images").click()
    add(page, [files / file_name for file_name in contents])
    rejected = page.get_by_test_id("rejected")
    for file_name, reason in reasons.items():
        item = rejected.get_by_role("listitem").filter(has_text=file_name)
        expect(item).to_contain_text(reason)
    expect(rejected.get_by_role("listitem")).to_have_count(len(reasons))
    page.get_by_test_id("upload").click()
    expect(page.get_by_text("2 images were added.")).to_be_visible(timeout=60_000)
    assert sorted(shop.entries(dataset)) == ["fine.jpg", "good.png"]
