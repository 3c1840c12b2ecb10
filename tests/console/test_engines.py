"""The box editor in Firefox, in WebKit, and by touch (acceptance 33 and 60)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from tests.console import engine
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Fruits, Shop
from tests.console.engine import Engine, Json
from tests.console.test_labelling import Editor, add_labels, draw_in, save
from tests.support.eventually import until
from tests.support.live_server import LiveServer

LOADED_SECONDS = 60.0
KEYS = {"Delete": "\ue017", "Enter": "\ue007", "Escape": "\ue00c"}


@dataclass(frozen=True)
class Person:
    """Points, presses and types in an engine."""

    engine: Engine

    def sees(self, selector: str, count: int = 1) -> None:
        found = f"document.querySelectorAll({selector!r}).length"
        until(
            lambda: self.engine.evaluate(found),
            lambda seen: seen == count,
            message=f"no {count} of {selector}",
            timeout=LOADED_SECONDS,
        )

    def focuses(self, test_id: str) -> None:
        """Waits for the focus within the page; the window itself may not have it."""
        focused = "document.activeElement.getAttribute('data-testid')"
        until(lambda: self.engine.evaluate(focused), lambda seen: seen == test_id)

    def click(self, test_id: str, number: int = 0) -> None:
        """An element of a test id once it is shown, or the button or link in it."""
        self.click_on(f'[data-testid="{test_id}"]', number)

    def click_on(self, selector: str, number: int = 0) -> None:
        place = (
            f"(all => {{ const one = all[{number}]; if (!one) return null;"
            "const target = one.matches('button,a,input') ? one"
            " : one.querySelector('button,a,input') ?? one;"
            "const box = target.getBoundingClientRect();"
            "return box.width ? [box.x + box.width / 2, box.y + box.height / 2] : null; })"
            f"(document.querySelectorAll({selector!r}))"
        )
        x, y = self._at_rest(place)
        self.drag((x, y), (x, y))

    def _at_rest(self, place: str) -> tuple[float, float]:
        """A place that is the same in two looks: what is opened may move first."""
        seen: list[Any] = [None]

        def look() -> Any:
            seen.append(self.engine.evaluate(place))
            return seen[-1]

        x, y = until(look, lambda now: now is not None and now == seen[-2], timeout=LOADED_SECONDS)
        return x, y

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        steps = [start] if start == end else [((start[0] + end[0]) / 2, start[1]), end]
        moves: list[Json] = [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 30} for x, y in steps
        ]
        first = {"type": "pointerMove", "x": round(start[0]), "y": round(start[1])}
        press, release = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        mouse = {"pointerType": "mouse"}
        actions = [first, press, *moves, release]
        self.engine.perform(
            [{"type": "pointer", "id": "mouse", "parameters": mouse, "actions": actions}]
        )

    def types(self, *keys: str) -> None:
        """Keys by name, or letters."""
        pressed = [KEYS.get(key, key) for key in keys]
        actions = [{"type": kind, "value": key} for key in pressed for kind in ("keyDown", "keyUp")]
        self.engine.perform([{"type": "key", "id": "keys", "actions": actions}])

    def _drawn(self) -> None:
        """Waits for a frame: what was pressed before is drawn with it."""
        frame = "requestAnimationFrame(() => { window.isDrawn = true; })"
        self.engine.evaluate(f"(window.isDrawn = false, {frame})")
        until(lambda: self.engine.evaluate("window.isDrawn"), message="no frame")

    def in_picture(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture is in the window."""
        self._drawn()
        transform = self.engine.evaluate(
            "document.querySelector('.canvas-boxes > g').getAttribute('transform')"
        )
        left, top, scale = (float(part) for part in re.findall(r"-?[\d.]+", transform))
        box = self.engine.evaluate(
            "(box => [box.x, box.y])"
            "(document.querySelector('[data-testid=canvas]').getBoundingClientRect())"
        )
        return box[0] + left + x * scale, box[1] + top + y * scale

    def drags_in_picture(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.drag(self.in_picture(*start), self.in_picture(*end))


@pytest.fixture(
    params=[
        pytest.param(
            "firefox",
            marks=pytest.mark.skipif(engine.FIREFOX is None, reason="needs firefox-esr"),
        ),
        pytest.param(
            "webkit",
            marks=pytest.mark.skipif(
                None in (engine.WEBKIT, engine.XVFB), reason="needs webkit2gtk-driver and xvfb"
            ),
        ),
    ]
)
def person(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Person]:
    opened = engine.firefox(tmp_path) if request.param == "firefox" else engine.webkit()
    with opened as driven:
        yield Person(driven)


def near(found: list[int], wanted: list[int]) -> bool:
    return all(abs(one - other) <= 1 for one, other in zip(found, wanted, strict=True))


def boxes(shop: Shop, fruits: Fruits, name: str) -> list[tuple[str, list[int]]]:
    """Label and left, top, width, height of each box that boto3 sees."""
    entry: dict[str, Any] = shop.entries(fruits.dataset_arn)[name]
    found = []
    for key, value in entry.items():
        if isinstance(value, dict) and "annotations" in value:
            names = entry[f"{key}-metadata"]["class-map"]
            for box in value["annotations"]:
                place = [box[side] for side in ("left", "top", "width", "height")]
                found.append((names[str(box["class_id"])], place))
    return sorted(found)


def test_33_60_boxes_in_firefox_and_webkit(
    person: Person, server: LiveServer, set_up: None, shop: Shop
) -> None:
    fruits = shop.fruit(3, labeled=0)
    address = server.run("console").strip()
    person.engine.open(address)
    person.sees("h1")
    origin = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
    person.engine.open(f"{origin}/projects/{fruits.project}/label/train")
    person.sees("[data-testid=tile]", 3)
    person.click("manage-labels")
    person.sees("[data-testid=add-label]")
    for label in ("plum", "pear"):
        person.click_on('[role="dialog"] input[type="text"]')
        person.types(*label)
        person.click("add-label")
    person.click("save-labels")
    person.sees("[data-testid=save-labels]", 0)
    person.sees(".lab-label", 2)
    for number in range(3):
        person.click("tile", number)
    person.click("draw-boxes")
    person.click("tips-close")
    person.focuses("canvas")
    person.types("1")
    person.drags_in_picture((20, 30), (100, 90))
    person.types("+", "+", "2")  # at another zoom
    person.drags_in_picture((150, 110), (200, 160))
    person.drags_in_picture((120, 90), (140, 105))
    person.sees(".box-shape", 3)
    person.types("Delete")  # the one drawn last is selected
    person.sees(".box-shape", 2)
    person.types("f", "v")
    person.drags_in_picture((60, 60), (70, 65))  # moves
    person.drags_in_picture((110, 95), (130, 115))  # resizes by its corner
    person.types("n")
    person.sees(".box-shape", 0)
    person.types("p")
    person.sees(".box-shape", 2)
    person.click("done")
    person.click("save-changes")
    person.sees("[data-testid=unsaved]", 0)
    (pear, drawn), (plum, changed) = boxes(shop, fruits, "000.png")
    assert (pear, plum) == ("pear", "plum")
    assert near(drawn, [150, 110, 50, 50])
    assert near(changed, [30, 35, 100, 80])


def test_33_boxes_by_touch_on_a_tablet(new_page: Callable[..., Watched], shop: Shop) -> None:
    fruits = shop.fruit(1, labeled=0)
    console = new_page(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = console.open(f"/projects/{fruits.project}/label/train")
    expect(page.get_by_test_id("tile")).to_have_count(1)
    add_labels(page, "plum")
    editor: Editor = draw_in(page, 0)
    page.keyboard.press("1")
    devtools = page.context.new_cdp_session(page)
    path = [editor.at(*point) for point in ((40, 50), (80, 80), (140, 130))]
    for number, (x, y) in enumerate(path):
        kind = "touchStart" if number == 0 else "touchMove"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".box-shape")).to_have_count(1)
    save(page)
    ((label, place),) = boxes(shop, fruits, "000.png")
    assert label == "plum"
    assert near(place, [40, 50, 100, 80])
