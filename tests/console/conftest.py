"""A real browser: Debian's Chromium on the shared server, signed in, its console watched."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)
from tests.console.drawn_dataset import Shop
from tests.support.live_server import LiveServer

import lensmith

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

# Without its own interface, which costs as much again as the pages.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
BUILT = (Path(lensmith.__file__).parent / "console" / "index.html").is_file()
# Only ever reached by a failure: some of what is awaited comes from a process that starts for it,
# or is looked for every eight seconds, while several browsers share two cores.
TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)
SESSION_KEY = "lensmith.session"  # console/src/api/session.ts
# Chromium's own services would look up hosts that no test may reach.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
ARGUMENTS += ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # a camera


@dataclass
class Watched:
    """A page, with the errors that its console showed and the requests that left the server."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Load an address of the console anew."""
        self.page.goto(self.url + path)
        return self.page

    def close(self) -> None:
        """Close it; there must have been no error, and no request to elsewhere."""
        self.page.context.close()
        assert self.errors == []
        assert self.foreign == []  # acceptance 58

    def sent(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(request.url)

    def heard(self, message: ConsoleMessage) -> None:
        # A refused request is written to the console by Chromium itself; the screen shows it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = "needs Chromium: apt-get install chromium-headless-shell" if CHROMIUM is None else ""
    if not BUILT:
        missing = "the console is not built: make console"
    if missing and "CI" not in os.environ:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=missing))


@dataclass
class RunningBrowser:
    """A browser, and the event loop of Playwright, which runs until both are closed."""

    browser: Browser
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="session")
def running_browser() -> Iterator[RunningBrowser]:
    """One for all files of a worker; contexts keep tests apart."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        running = RunningBrowser(browser, asyncio.get_running_loop())
        asyncio._set_running_loop(None)
        yield running
        asyncio._set_running_loop(running.loop)
        browser.close()


@pytest.fixture(scope="module")
def chromium(running_browser: RunningBrowser) -> Iterator[Browser]:
    """The browser; tests of other files find no event loop that runs in their thread."""
    asyncio._set_running_loop(running_browser.loop)
    yield running_browser.browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="module")
def set_up(server: LiveServer, lensmith_env: dict[str, str], chromium: Browser) -> None:
    """The console's bucket is there, so that the first-run dialog stays away."""
    context = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}")
    token = sign_in(context, lensmith_env)
    headers = {"X-Lensmith-Session": token}
    reply = context.request.get("/_lensmith/setup", headers=headers)
    assert reply.ok, reply.text()
    state = reply.json()
    if state["bucket"] is None:
        given = {"bucket": state["proposed"]}
        assert context.request.post("/_lensmith/setup", headers=headers, data=given).ok
    context.close()


@pytest.fixture
def new_page(
    server: LiveServer, lensmith_env: dict[str, str], chromium: Browser, set_up: None
) -> Iterator[Callable[..., Watched]]:
    """Opens signed-in pages, each in a context of its own; none may end with an error shown."""
    opened: list[Watched] = []

    def open_page(**options: object) -> Watched:
        watched = new_watched(chromium, f"http://127.0.0.1:{server.port}", **options)
        context = watched.page.context
        token = sign_in(context, lensmith_env)
        context.add_init_script(f"sessionStorage.setItem('{SESSION_KEY}', '{token}')")
        opened.append(watched)
        return watched

    yield open_page
    for watched in opened:
        watched.close()


@pytest.fixture
def stranger(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens a page that is not signed in, on the server at an address."""
    opened: list[Watched] = []

    def open_page(url: str, **options: object) -> Watched:
        opened.append(new_watched(chromium, url, **options))
        return opened[-1]

    yield open_page
    for watched in opened:
        watched.close()


@pytest.fixture
def console(new_page: Callable[..., Watched]) -> Watched:
    """A signed-in page of 1280 x 800 pixels."""
    return new_page()


@pytest.fixture
def shop(rekognition: RekognitionClient, s3: S3Client) -> Shop:
    return Shop(rekognition, s3)


def tab_to(page: Page, wanted: Locator, most: int = 80) -> None:
    """Press Tab until something has the focus, as who has no mouse does."""
    wanted.wait_for()
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def new_watched(chromium: Browser, url: str, **options: object) -> Watched:
    """A new page of 1280 x 800 pixels in a context of its own; motion costs a tenth of a load."""
    still = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
    given = {**still, **options}
    context = chromium.new_context(base_url=url, **given)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_MS)
    watched = Watched(context.new_page(), url)
    watched.page.on("console", watched.heard)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on("request", watched.sent)
    return watched


def sign_in(context: BrowserContext, env: dict[str, str]) -> str:
    """The token of a new session; the cookie for pictures is the context's from then on."""
    key = {
        "access_key_id": env["AWS_ACCESS_KEY_ID"],
        "secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
    }
    reply = context.request.post("/_lensmith/session", data=key)
    assert reply.ok, reply.text()
    token: str = reply.json()["session"]
    return token
