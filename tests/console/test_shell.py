"""Shell, sign-in and landing page (console.md 1; acceptance 54, 58, 59, 66)."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.console.conftest import Watched


def test_58_every_file_comes_from_this_server(console: Watched) -> None:
    page = console.open("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_54_dark_mode_follows_the_system_until_it_is_chosen(console: Watched) -> None:
    console.page.emulate_media(color_scheme="dark")
    page = console.open("/projects")
    expect(page.locator("body")).to_have_class(re.compile("awsui-dark-mode"))
