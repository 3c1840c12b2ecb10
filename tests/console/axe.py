"""Axe on a page, in both themes (acceptance 55)."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from playwright.sync_api import Page, expect
from tests.console.conftest import Watched

# Nothing moves but what never ends, as a spinner.
_SETTLED = """() => document.getAnimations().every(
    ({ playState, effect }) =>
        playState !== "running" || !effect || effect.getComputedTiming().endTime === Infinity
)"""
# The script and the list of what passed are large: one is sent once a page, the other never.
# What a theme leaves as it was has nothing new for the rules that do not look at colours.
_RUN = """options => {
    const markup = document.body.innerHTML;
    const colours = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
    const rules = window.judged === markup ? { runOnly: colours } : {};
    return axe.run({ ...options, ...rules }).then(({ violations }) => {
        window.judged = markup;
        return violations.map(
            ({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) })
        );
    });
}"""
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def expect_accessible(page: Page) -> None:
    """Assert that axe finds nothing serious, dark and light; leaves the page light."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("body.awsui-dark-mode")).to_have_count(int(scheme == "dark"))
        page.wait_for_function(_SETTLED)  # half-faded text has no contrast
        found = [
            (each["id"], each["nodes"])
            for each in _violations(page)
            if each["impact"] in ("serious", "critical")
        ]
        assert found == [], (page.url, scheme)


def _violations(page: Page) -> list[dict[str, Any]]:
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate(_RUN, DEFAULT_OPTIONS)
    return found


def visit(console: Watched, *paths: str) -> None:
    """Load each address and assert that it is accessible."""
    for path in paths:
        page = console.open(path)
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        page.wait_for_load_state("networkidle")
        expect_accessible(page)
