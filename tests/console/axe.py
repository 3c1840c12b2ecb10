"""Axe on a page, in both themes (acceptance 55)."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.console.conftest import Watched

# Nothing moves but what never ends, as a spinner.
_SETTLED = """() => document.getAnimations().every(
    ({ playState, effect }) =>
        playState !== "running" || !effect || effect.getComputedTiming().endTime === Infinity
)"""
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def expect_accessible(page: Page) -> None:
    """Assert that axe finds nothing serious, dark and light; leaves the page light."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("body.awsui-dark-mode")).to_have_count(int(scheme == "dark"))
        page.wait_for_function(_SETTLED)  # half-faded text has no contrast
        found = [
            (each["id"], [node["html"] for node in each["nodes"]])
            for each in Axe().run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert found == [], (page.url, scheme)


def visit(console: Watched, *paths: str) -> None:
    """Load each address and assert that it is accessible."""
    for path in paths:
        page = console.open(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect_accessible(page)
