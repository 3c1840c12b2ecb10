"""Labelling mode in a browser (console.md, acceptance 24 to 32, 34, 56 and 61 to 63)."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, Request, Route, expect
from tests.boto3.conftest import unused_name
from tests.console.axe import expect_accessible
from tests.console.conftest import TIMEOUT_MS, Watched, tab_to
from tests.manifest.lines import image_metadata
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

WIDTH, HEIGHT = 640, 480
PICTURES = 24
LABELS = ("bolt", "gear", "nut")
BUSY = "void setTimeout(() => { for (const end = Date.now() + 4000; Date.now() < end; ); })"
ENDLESS = """document.getAnimations().filter(
    ({ effect }) => effect.getComputedTiming().endTime === Infinity).length"""


@dataclass(frozen=True)
class Bench:
    """A project with unlabelled pictures, and what boto3 says of its training dataset."""

    rekognition: RekognitionClient
    project: str
    dataset: str

    @property
    def path(self) -> str:
        return f"/projects/{self.project}/label/train"

    def entries(self) -> dict[str, dict[str, Any]]:
        """Lines of the manifest by file name."""
        pages = self.rekognition.get_paginator("list_dataset_entries").paginate(
            DatasetArn=self.dataset
        )
        lines = [json.loads(line) for page in pages for line in page["DatasetEntries"]]
        return {line["source-ref"].rsplit("/", 1)[1]: line for line in lines}

    def image_labels(self) -> dict[str, list[str]]:
        """Image-level labels by file name, of pictures that have some."""
        found: dict[str, list[str]] = {}
        for name, line in self.entries().items():
            names = [
                value["class-name"]
                for key, value in line.items()
                if key.endswith("-metadata") and "class-name" in value
            ]
            if names:
                found[name] = sorted(names)
        return found

    def boxes(self, name: str) -> list[tuple[str, int, int, int, int]]:
        """Label, left, top, width and height of each box."""
        line = self.entries()[name]
        for key, value in line.items():
            if isinstance(value, dict) and "annotations" in value:
                names = line[f"{key}-metadata"]["class-map"]
                return sorted(
                    (
                        names[str(box["class_id"])],
                        box["left"],
                        box["top"],
                        box["width"],
                        box["height"],
                    )
                    for box in value["annotations"]
                )
        return []


@pytest.fixture(scope="module")
def pictures(s3: S3Client) -> list[str]:
    """Addresses of pictures that the datasets of all tests name."""
    bucket = unused_name()
    s3.create_bucket(Bucket=bucket)
    picture = _picture()
    names = [f"part-{number:02}.jpg" for number in range(PICTURES)]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=picture)
    return [f"s3://{bucket}/{name}" for name in names]


@pytest.fixture
def bench(rekognition: RekognitionClient, pictures: list[str]) -> Bench:
    project = unused_name()
    arn = rekognition.create_project(ProjectName=project)["ProjectArn"]
    dataset = rekognition.create_dataset(ProjectArn=arn, DatasetType="TRAIN")["DatasetArn"]
    lines = "".join(f'{{"source-ref": "{picture}"}}\n' for picture in pictures)
    rekognition.update_dataset_entries(DatasetArn=dataset, Changes={"GroundTruth": lines.encode()})
    described = until(
        lambda: rekognition.describe_dataset(DatasetArn=dataset)["DatasetDescription"],
        lambda found: found["Status"] == "UPDATE_COMPLETE",
    )
    assert described["DatasetStats"]["TotalEntries"] == PICTURES
    return Bench(rekognition, project, dataset)


def _picture() -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), (206, 210, 214))
    draw = ImageDraw.Draw(picture)
    for left, top in ((90, 80), (300, 200), (470, 330)):
        draw.ellipse((left, top, left + 110, top + 90), fill=(88, 96, 108))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def opened(console: Watched, bench: Bench) -> Page:
    """Labelling mode, with its pictures shown."""
    page = console.open(bench.path)
    expect(page.get_by_test_id("tile")).to_have_count(PICTURES)
    return page


def add_labels(page: Page, *names: str) -> None:
    page.get_by_test_id("manage-labels").click()
    for name in names:
        page.get_by_label("New label").fill(name)
        page.get_by_test_id("add-label").click()
    save_labels(page)
    for name in names:
        expect(label(page, name)).to_be_visible()


def save_labels(page: Page) -> None:
    page.get_by_test_id("save-labels").click()
    expect(page.get_by_test_id("save-labels")).to_have_count(0)


def label(page: Page, name: str) -> Locator:
    return page.locator(".lab-label", has_text=name)


def save(page: Page) -> None:
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)


def draw_in(page: Page, *tiles: int) -> Editor:
    """The editor on the pictures chosen, tips closed."""
    for tile in tiles:
        page.get_by_test_id("tile").nth(tile).click()
    page.get_by_test_id("draw-boxes").click()
    page.get_by_test_id("tips-close").click()
    editor = Editor(page)
    expect(editor.canvas).to_be_focused()
    return editor


@dataclass(frozen=True)
class Editor:
    """The canvas in pixels of the picture."""

    page: Page

    @property
    def canvas(self) -> Locator:
        return self.page.get_by_test_id("canvas")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture is in the window."""
        box = self.canvas.bounding_box()
        assert box is not None
        left, top, scale = self.view()
        return box["x"] + left + x * scale, box["y"] + top + y * scale

    def view(self) -> tuple[float, float, float]:
        transform = self.page.locator(".canvas-boxes > g").first.get_attribute("transform")
        left, top, scale = (float(part) for part in re.findall(r"-?[\d.]+", transform or ""))
        return left, top, scale

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*start))
        mouse.down()
        mouse.move(*self.at((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
        mouse.move(*self.at(*end))
        mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def expect_boxes(self, *rects: tuple[int, int, int, int]) -> None:
        """Left, top, width and height of every box, in any order."""
        wanted = sorted(
            f"M{left} {top}h{width}v{height}h-{width}z" for left, top, width, height in rects
        )
        drawn = "all => all.map(one => one.getAttribute('d')).sort()"
        until(
            lambda: self.page.locator(".box-shape .box-line").evaluate_all(drawn),
            lambda found: found == wanted,
            timeout=TIMEOUT_MS / 1000,
        )


def test_24_new_labels_count_nothing(console: Watched, bench: Bench) -> None:
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        if holding:
            held.append(route)
        else:
            route.continue_()

    console.page.route("**/images?*", hold)
    page = console.open(bench.path)
    expect(page.locator("[class*=awsui_circle-left_]").first).to_be_visible()
    assert page.evaluate(ENDLESS) == 0  # the browser asked for less motion
    holding = False
    for route in held:
        route.continue_()
    expect(page.get_by_test_id("tile")).to_have_count(PICTURES)
    add_labels(page, "kitchen", "patio")
    page.get_by_test_id("manage-labels").click()
    expect(page.locator(".lab-managed .lab-number")).to_have_text(["0", "0"])


def test_a_name_that_was_typed_is_kept(console: Watched, bench: Bench) -> None:
    """Without a press of Add, and through a click beside the dialog."""
    page = opened(console, bench)
    page.get_by_test_id("manage-labels").click()
    page.get_by_label("New label").fill("washer")
    page.mouse.click(5, 400)
    save_labels(page)
    expect(label(page, "washer")).to_be_visible()


def test_25_a_range_is_assigned_and_saved(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, "kitchen")
    tiles = page.get_by_test_id("tile")
    tiles.nth(1).click()
    tiles.nth(8).click(modifiers=["Shift"])
    expect(page.get_by_test_id("selected")).to_contain_text("8 of 24")
    page.get_by_test_id("assign").click()
    page.get_by_role("dialog").get_by_role("checkbox", name="kitchen").check()
    page.get_by_test_id("assign-confirm").click()
    expect(page.get_by_test_id("unsaved")).to_have_text("8 unsaved")
    assert bench.image_labels() == {}
    save(page)
    page.reload()
    expect(page.locator(".lab-tile .lab-chip", has_text="kitchen")).to_have_count(8)
    assert list(bench.image_labels().values()) == [["kitchen"]] * 8


def test_group_after_group_is_labelled_by_plain_clicks(console: Watched, bench: Bench) -> None:
    """After a label was given a click begins the next group, and the counts follow the save."""
    page = opened(console, bench)
    refused: list[str] = []
    page.on("response", lambda one: refused.append(one.url) if one.status >= 400 else None)
    add_labels(page, "kitchen", "attic")
    tiles = page.get_by_test_id("tile")
    for first, name in ((0, "kitchen"), (3, "attic")):
        for place in range(first, first + 3):
            tiles.nth(place).click()
        expect(page.get_by_test_id("selected")).to_contain_text("3 of 24")
        label(page, name).click()
    save(page)
    expect(page.get_by_role("button", name="Labeled (6)")).to_be_visible()
    expect(page.get_by_role("button", name="Unlabeled (18)")).to_be_visible()
    assert refused == []
    assert sorted(bench.image_labels().values()) == [["attic"]] * 3 + [["kitchen"]] * 3
    expect(page.locator(".lab-label .lab-label-name")).to_have_text(["kitchen", "attic"])


def test_25_a_range_is_assigned_by_keyboard_alone(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, "kitchen")
    keys = page.keyboard
    tab_to(page, page.get_by_test_id("tile").first)
    for key in ("ArrowRight", "Space", *["ArrowRight"] * 7, "Shift+Space"):
        keys.press(key)
    expect(page.get_by_test_id("selected")).to_contain_text("8 of 24")
    keys.press("i")
    tab_to(page, page.get_by_role("dialog").get_by_role("checkbox", name="kitchen"))
    keys.press("Space")
    tab_to(page, page.get_by_test_id("assign-confirm"))
    keys.press("Enter")
    expect(page.get_by_test_id("unsaved")).to_have_text("8 unsaved")
    keys.press("Control+s")
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert list(bench.image_labels().values()) == [["kitchen"]] * 8


def test_26_leaving_asks_and_discard_restores(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, "kitchen")
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    page.get_by_test_id("exit").click()
    page.get_by_test_id("stay").click()
    expect(page.get_by_test_id("unsaved")).to_be_visible()
    page.get_by_test_id("exit").click()
    page.get_by_test_id("discard").click()
    page.wait_for_url(re.compile(r"/datasets\?"))
    opened(console, bench)
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert bench.image_labels() == {}


def test_27_28_a_label_is_renamed_and_removed_everywhere(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, "patio", "spare")
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    save(page)
    page.get_by_test_id("manage-labels").click()
    page.get_by_role("button", name="Rename patio").click()
    page.get_by_role("textbox", name="Name of patio").fill("terrace")
    save_labels(page)
    expect(page.locator(".lab-tile .lab-chip", has_text="terrace")).to_have_count(1)
    assert list(bench.image_labels().values()) == [["terrace"]]
    page.get_by_test_id("manage-labels").click()
    page.get_by_role("button", name="Remove spare").click()
    page.get_by_role("button", name="Remove terrace").click()
    expect(page.get_by_role("dialog").last).to_contain_text("Used on 1 image / 0 boxes")
    expect(page.get_by_role("button", name="Cancel").last).to_be_focused()
    page.get_by_test_id("remove-everywhere").click()
    save_labels(page)
    expect(page.locator(".lab-label")).to_have_count(0)
    assert bench.image_labels() == {}


def test_27_labels_are_there_once_their_dialog_is_closed(console: Watched, bench: Bench) -> None:
    """Opened again at once it had the old names."""
    page = opened(console, bench)
    add_labels(page, "patio")
    page.get_by_test_id("manage-labels").click()
    page.get_by_role("button", name="Rename patio").click()
    page.get_by_role("textbox", name="Name of patio").fill("terrace")
    seen: list[str] = []
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        seen.append(route.request.method)
        if holding and "PUT" in seen[:-1]:
            held.append(route)
        else:
            route.continue_()

    page.route("**/labels", hold)

    def is_read_again(request: Request) -> bool:
        return request.url.endswith("/labels") and request.method == "GET" and "PUT" in seen

    with page.expect_request(is_read_again):
        page.get_by_test_id("save-labels").click()
    expect(page.get_by_test_id("save-labels")).to_be_visible()
    holding = False
    for route in held:
        route.continue_()
    expect(page.get_by_test_id("save-labels")).to_have_count(0)
    page.get_by_test_id("manage-labels").click()
    expect(page.get_by_role("button", name="Rename terrace")).to_be_visible()


def test_28_a_label_that_came_into_use_is_not_removed_unasked(
    console: Watched, bench: Bench
) -> None:
    page = opened(console, bench)
    add_labels(page, "patio")
    page.get_by_test_id("manage-labels").click()
    expect(page.locator(".lab-managed .lab-number")).to_have_text(["0"])
    name, entry = next(iter(bench.entries().items()))
    entry |= {"is-patio": 1, "is-patio-metadata": image_metadata("patio")}
    bench.rekognition.update_dataset_entries(
        DatasetArn=bench.dataset, Changes={"GroundTruth": json.dumps(entry).encode()}
    )
    expect(page.locator(".lab-managed .lab-number")).to_have_text(["1 picture"])
    page.get_by_role("button", name="Remove patio").click()
    expect(page.get_by_test_id("remove-everywhere")).to_be_visible()
    assert bench.image_labels() == {name: ["patio"]}


def test_29_to_32_boxes_are_drawn_changed_and_saved(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0, 1, 2)
    editor.press("2")
    editor.drag((100, 100), (200, 180))
    editor.drag((150, 20), (250, 90))  # 29: one that starts over another
    editor.expect_boxes((100, 100, 100, 80), (150, 20, 100, 70))
    editor.press("v")
    page.mouse.click(*editor.at(120, 150))
    editor.drag((150, 140), (180, 170))
    editor.drag((230, 210), (260, 240))
    editor.press("ArrowRight", "ArrowRight", "Control+z", "Control+Shift+z", "3")
    editor.expect_boxes((132, 130, 130, 110), (150, 20, 100, 70))
    editor.press("Escape", "d")
    editor.drag((600, 440), (700, 560))  # 30: clamped
    x, y = editor.at(40, 300)
    page.mouse.click(x, y)  # 30: a click draws nothing
    editor.expect_boxes((132, 130, 130, 110), (150, 20, 100, 70), (600, 440, 40, 40))
    editor.press("v", "Control+a", "Delete")
    editor.expect_boxes()
    editor.press("Control+z", "n")
    expect(page.locator(".lab-file")).to_contain_text("2 of 3")
    editor.press("p")
    editor.expect_boxes((132, 130, 130, 110), (150, 20, 100, 70), (600, 440, 40, 40))
    page.get_by_test_id("done").click()
    save(page)
    assert bench.boxes("part-00.jpg") == [
        ("gear", 150, 20, 100, 70),
        ("nut", 132, 130, 130, 110),
        ("nut", 600, 440, 40, 40),
    ]


def test_29_pixels_hold_at_any_zoom(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0)
    x, y = (round(part) for part in editor.at(320, 240))
    _, _, before = editor.view()
    page.mouse.move(x, y)
    for _ in range(3):
        page.mouse.wheel(0, -240)
    # Each turn is drawn with the next frame: the last of three has to be there.
    left, top, scale = until(
        editor.view, lambda view: view[2] > 3 * before, timeout=TIMEOUT_MS / 1000
    )
    expect(page.locator(".lab-zoom")).to_have_text(f"{round(scale * 100)} %")
    box = editor.canvas.bounding_box()
    assert box is not None
    assert abs((x - box["x"] - left) / scale - 320) < 1  # 32: the pixel at the pointer stays
    assert abs((y - box["y"] - top) / scale - 240) < 1
    editor.drag((300, 220), (345, 251))
    editor.expect_boxes((300, 220, 45, 31))


def test_30_the_51st_box_is_refused(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0)
    for _ in range(51):
        editor.press("Enter")
    expect(page.get_by_test_id("box-count")).to_have_text("(50/50)")
    expect(page.get_by_test_id("hint")).to_contain_text("at most 50")


def test_31_one_press_is_one_step_across_pictures(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0, 1)
    editor.drag((100, 100), (200, 180))
    editor.press("n", "r")  # at once: the size of the picture may not be known yet
    editor.expect_boxes((100, 100, 100, 80))
    editor.press("p", "Control+z")  # takes back what was repeated, and shows where
    expect(page.locator(".lab-file")).to_contain_text("2 of 2")
    editor.expect_boxes()
    editor.press("Control+z")
    expect(page.locator(".lab-file")).to_contain_text("1 of 2")
    editor.expect_boxes()
    editor.press("Control+Shift+z")
    editor.expect_boxes((100, 100, 100, 80))


def test_31_boxes_are_repeated_in_a_picture_that_comes_later(
    console: Watched, bench: Bench
) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    held: list[Route] = []
    page.route(re.compile(r"part-01.*size=full"), lambda route: held.append(route))
    editor = draw_in(page, 0, 1)
    editor.drag((100, 100), (200, 180))
    editor.press("n")
    expect(page.locator(".lab-file")).to_contain_text("2 of 2")
    expect(editor.canvas).to_have_count(0)
    editor.press("r")
    for route in held:
        route.continue_()
    editor.expect_boxes((100, 100, 100, 80))


def test_32_the_editor_works_by_keyboard_alone(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0)
    editor.press("Enter", "v", "c")
    shapes = page.locator(".box-shape .box-line")
    expect(shapes).to_have_count(1)
    path = shapes.get_attribute("d")
    left, top, side, _, _ = (int(part) for part in re.findall(r"-?\d+", path or ""))
    editor.press("Shift+ArrowLeft", "ArrowUp", "Escape", "Shift+ArrowDown")
    editor.expect_boxes((left - 10, top + 9, side + 10, side + 1))
    editor.press("?")
    expect(page.get_by_test_id("shortcut-sheet")).to_be_visible()
    editor.press("Escape")
    expect(editor.canvas).to_be_focused()


def test_34_a_second_tab_is_told(new_page: Callable[..., Watched], bench: Bench) -> None:
    first, second = new_page(), new_page()
    page = opened(first, bench)
    add_labels(page, *LABELS)
    other = opened(second, bench)
    expect(label(other, LABELS[1])).to_be_visible()  # read beside the pictures
    for each, key in ((page, "1"), (other, "2")):
        each.get_by_test_id("tile").first.click()
        each.keyboard.press(key)
    save(page)
    other.get_by_test_id("save-changes").click()
    other.get_by_test_id("keep-mine").wait_for()
    assert bench.image_labels() == {"part-00.jpg": ["bolt"]}
    other.get_by_test_id("keep-mine").click()
    save(other)
    assert bench.image_labels() == {"part-00.jpg": ["gear"]}


def test_61_zooming_renders_nothing(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0)
    editor.drag((100, 100), (200, 180))
    # React writes a box's path when it renders; zooming moves the group around it only.
    page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver((all) => { window.changes += all.length; }).observe(
            document.querySelector('.box-shape'),
            { subtree: true, attributes: true, childList: true });
        }"""
    )
    left, top, scale = editor.view()
    page.mouse.move(*editor.at(500, 400))
    for _ in range(5):
        page.mouse.wheel(0, -120)
    until(editor.view, lambda view: view[2] > 1.5 * scale)
    assert page.evaluate("window.changes") == 0
    assert (left, top) != editor.view()[:2]


def test_62_drafts_survive_a_reload_and_save_twice_writes_once(
    console: Watched, bench: Bench
) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    page.get_by_test_id("tile").nth(3).click()
    page.keyboard.press("3")
    expect(page.get_by_test_id("unsaved")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/entries") else None)
    page.get_by_test_id("save-changes").dblclick()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert len(sent) == 1
    assert bench.image_labels() == {"part-03.jpg": ["nut"]}


def test_62_a_lost_answer_is_asked_for_again_with_the_same_id(
    console: Watched, bench: Bench
) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    ids: list[str] = []

    def lose(route: Any) -> None:
        ids.append(json.loads(route.request.post_data)["request_id"])
        if len(ids) == 1:
            route.fetch()  # written, but the answer never arrives
            route.abort()
        else:
            route.continue_()

    page.route("**/entries", lose)
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert len(ids) == 2
    assert uuid.UUID(ids[0]) == uuid.UUID(ids[1])
    expect(page.get_by_test_id("conflicts")).to_have_count(0)


def test_63_tab_reaches_covered_boxes_and_nothing_is_an_answer(
    console: Watched, bench: Bench
) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    editor = draw_in(page, 0, 1)
    editor.drag((20, 20), (600, 440))
    editor.drag((200, 200), (300, 300))
    editor.drag((210, 210), (240, 240))
    editor.press("v", "Escape")
    selected = page.locator(".box-shape[data-selected]")
    reached: set[str | None] = set()
    for _ in range(3):
        editor.press("Tab")
        reached.add(
            until(
                lambda: selected.get_attribute("data-id"),
                lambda now: now not in reached,
                "Tab reached no other box",
                timeout=TIMEOUT_MS / 1000,
            )
        )
    editor.press("Tab")
    expect(editor.canvas).not_to_be_focused()
    page.get_by_test_id("next").click()
    editor.press("e")
    expect(page.get_by_test_id("nothing-here")).to_have_attribute("aria-pressed", "true")
    save(page)
    page.reload()
    expect(page.get_by_test_id("nothing-here")).to_have_attribute("aria-pressed", "true")


def test_56_labels_are_kept_while_the_server_is_away(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    page.context.set_offline(True)
    page.get_by_test_id("save-changes").click()
    expect(page.get_by_text("Connection lost, retrying")).to_be_visible()
    expect(page.get_by_test_id("unsaved")).to_have_text("1 unsaved")
    page.context.set_offline(False)
    expect(page.get_by_test_id("unsaved")).to_have_count(0)
    assert bench.image_labels() == {"part-00.jpg": ["bolt"]}


def test_62_a_new_tab_takes_over_from_one_that_is_gone(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("unsaved")).to_be_visible()
    page.evaluate(BUSY)  # too much so to answer another tab
    alive = page.context.new_page()
    alive.goto(console.url + bench.path)
    expect(alive.get_by_test_id("tile")).to_have_count(PICTURES)
    expect(alive.get_by_test_id("unsaved")).to_have_count(0)  # the first tab has them
    page.close(run_before_unload=False)
    alive.reload()
    expect(alive.get_by_test_id("unsaved")).to_have_text("1 unsaved")


def test_a_link_opens_a_picture_of_another_page(console: Watched, bench: Bench) -> None:
    """As those of the dataset's health do; one that is gone is told."""
    (last,) = (line["source-ref"] for name, line in bench.entries().items() if "23" in name)
    path = f"{bench.path}?size=20&image="
    page = console.open(path + quote(last, safe=""))
    expect(page.locator(".lab-stage")).to_have_accessible_name(re.compile(r"part-23\.jpg"))
    page.goto(console.url + path + quote(last.replace("23", "99"), safe=""))
    expect(page.get_by_text("part-99.jpg is not in this dataset")).to_be_visible()
    expect(page.get_by_test_id("tile")).to_have_count(20)


def test_55_axe_finds_nothing_serious(console: Watched, bench: Bench) -> None:
    page = opened(console, bench)
    add_labels(page, *LABELS)
    page.get_by_test_id("tile").first.click()
    page.keyboard.press("1")
    expect_accessible(page)
    page.get_by_test_id("manage-labels").click()
    expect_accessible(page)
    page.keyboard.press("Escape")
    editor = draw_in(page)
    editor.press("Enter")
    expect_accessible(page)
    editor.press("?")
    expect_accessible(page)
