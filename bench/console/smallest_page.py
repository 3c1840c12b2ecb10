"""The smallest page that sends files one a request: what Chromium, the route and the store take."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page
from tests.support.browser_session import BrowserSession
from tests.support.live_server import LiveServer

PARALLEL = 5  # requests, as the console's upload
_SEND = """async ([folder, session, parallel]) => {
  const waiting = [...document.querySelector("input").files];
  const worker = async () => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const headers = { "X-Lensmith-Session": session, "If-None-Match": "*" };
      const answer = await fetch(folder + file.name, { method: "PUT", body: file, headers });
      if (!answer.ok) throw new Error(await answer.text());
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}"""


def seconds_of_smallest_page(
    page: Page, server: LiveServer, bucket: str, files: list[Path]
) -> float:
    """Upload the files by `fetch` alone: no checks, no progress, no entries, nothing drawn."""
    assert page.context.browser is not None
    context = page.context.browser.new_context()
    try:
        smallest = context.new_page()
        smallest.goto(f"http://127.0.0.1:{server.port}/")
        smallest.set_content("<input type=file multiple>")
        smallest.locator("input").set_input_files(files)
        session = BrowserSession.open(server).headers["X-Lensmith-Session"]
        start = time.perf_counter()
        smallest.evaluate(_SEND, [f"/_lensmith/objects/{bucket}/", session, PARALLEL])
        return time.perf_counter() - start
    finally:
        context.close()
