"""A signed-in Chromium, and what its main thread does."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright
from tests.support.browser_session import BrowserSession
from tests.support.live_server import LiveServer

WAIT_MS = 120_000
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def signed_in(server: LiveServer) -> Iterator[Page]:
    """A page of 1280 x 800 pixels; the console's bucket is there."""
    session = BrowserSession.open(server)
    setup = session.get("/_lensmith/setup").json
    if setup["bucket"] is None:
        session.post("/_lensmith/setup", {"bucket": setup["proposed"]})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.goto(server.run("console").strip())
        page.wait_for_selector("h1")
        yield page
        browser.close()


def main_thread_ms(page: Page, steps: int, step: Callable[[int], None]) -> float:
    """The median, over steps, of milliseconds of the main thread's CPU a step: a frame each."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})  # other processes apart
    times = []
    for number in range(steps):
        before = _task_seconds(devtools)
        step(number)
        next_frame(page)
        times.append(1000 * (_task_seconds(devtools) - before))
    return median(times)


def next_frame(page: Page) -> None:
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _task_seconds(devtools: CDPSession) -> float:
    metrics: list[Any] = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
