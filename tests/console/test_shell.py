"""Shell, sign-in, appearance, who may call (console.md 1; acceptance 54, 58, 59, 65)."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import expect
from tests.console.conftest import Watched
from tests.console.drawn_dataset import Fruit, Shop
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.forwarded_port import ForwardedPort
from tests.support.live_server import LiveServer

FEW = 40
"""Files of a screen; each part in a file of its own would be more than a hundred."""


def test_58_every_file_comes_from_this_server_and_they_are_few(console: Watched) -> None:
    files: list[str] = []
    console.page.on("request", lambda one: files.append(one.url) if "/assets/" in one.url else None)
    page = console.open("/projects")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert 0 < len(files) <= FEW, files


def test_a_form_to_sign_in_that_did_not_arrive_early_is_loaded_when_it_is_shown(
    console: Watched,
) -> None:
    page, form = console.page, "**/assets/sign-in-*.js"
    page.route(form, lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: "/sign-in-" in request.url):
        console.open("/projects")
    page.wait_for_load_state("networkidle")  # after the preload the import itself has failed
    page.unroute(form)
    page.get_by_role("button", name="admin @").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Access key ID")).to_be_visible()


def test_54_dark_mode_follows_the_system_until_it_is_chosen(console: Watched, shop: Shop) -> None:
    dark = re.compile("awsui-dark-mode")
    console.page.emulate_media(color_scheme="dark")
    page = console.open("/projects")
    body = page.locator("body")
    expect(body).to_have_class(dark)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Light").click()
    expect(body).not_to_have_class(dark)
    console.page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(body).to_have_class(dark)
    fruits = shop.fruit(3)
    console.open(f"/projects/{fruits.project}/label/train")  # anew, and without the top bar
    expect(page.get_by_test_id("tile")).to_have_count(3)
    expect(body).to_have_class(dark)


def test_59_foreign_hosts_and_origins_and_a_cookie_alone_do_nothing(server: LiveServer) -> None:
    browser = BrowserSession.open(server)
    for foreign in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        for path in ("/", "/_lensmith/session", "/projects"):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            connection.request("GET", path, headers={**browser.headers, **foreign})
            assert connection.getresponse().status == 403
            connection.close()
    cookie_alone = BrowserSession(server, {"Cookie": browser.cookie})
    assert cookie_alone.operation("CreateProject", ProjectName="by-cookie").status == 400
    for path in ("/_lensmith/datasets", "/_lensmith/objects", "/_lensmith/setup"):
        assert cookie_alone.get(path).status in (400, 403)
    assert cookie_alone.put("/_lensmith/objects/by-cookie", {}).status in (400, 403)
    names = browser.operation("DescribeProjects").json["ProjectDescriptions"]
    assert not [each for each in names if "by-cookie" in each["ProjectArn"]]


def test_65_everything_works_through_one_forwarded_port(
    stranger: Callable[[str], Watched], server: LiveServer, shop: Shop, set_up: None, tmp_path: Path
) -> None:
    fruits = shop.fruit(2)
    with ForwardedPort(server.port) as forwarded:
        console = stranger(f"http://127.0.0.1:{forwarded.port}")
        token = urlsplit(server.run("console").strip()).fragment
        page = console.open(f"/#{token}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page = console.open(f"/projects/{fruits.project}/datasets")
        pictures = page.locator(".image-card img")
        expect(pictures).to_have_count(2)
        loaded = "all => all.every(one => one.naturalWidth > 0)"
        until(lambda: pictures.evaluate_all(loaded), message="pictures are not loaded")
        (tmp_path / "new.png").write_bytes(Fruit("plum", 7).png())
        page.get_by_test_id("gallery-actions").click()
        page.get_by_role("menuitem", name="Add images to training dataset").click()
        page.locator("input[type=file]").first.set_input_files(tmp_path / "new.png")
        page.get_by_test_id("upload").click()
        expect(page.get_by_text("1 image was added.")).to_be_visible()
        console.open("/storage")
        expect(page.get_by_role("link", name=fruits.bucket)).to_be_visible()
