"""Firefox and WebKit as people use them: the protocol's pointer and keys, nothing scripted."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any, Protocol

import websocket
from selenium import webdriver
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

FIREFOX = shutil.which("firefox-esr")
WEBKIT = shutil.which("WebKitWebDriver")
XVFB = shutil.which("Xvfb")
WIDTH, HEIGHT = 1280, 800
START_SECONDS = 60
ANSWER_SECONDS = 60
Json = dict[str, Any]


class Engine(Protocol):
    """What both drivers can do."""

    def open(self, url: str) -> None:
        """Load a page."""

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, through JSON."""

    def perform(self, actions: list[Json]) -> None:
        """Input sources with their actions (WebDriver, 15.4)."""


class Firefox:
    """Speaks WebDriver BiDi with Firefox itself; Debian has no geckodriver."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(
            f"{address}/session", suppress_origin=True, timeout=ANSWER_SECONDS
        )
        self._sent = 0
        self._send("session.new", {"capabilities": {}})
        (top, *_) = self._send("browsingContext.getTree", {})["contexts"]
        self._context = {"context": top["context"]}
        size = {"viewport": {"width": WIDTH, "height": HEIGHT}}
        self._send("browsingContext.setViewport", {**self._context, **size})

    def close(self) -> None:
        self._socket.close()

    def open(self, url: str) -> None:
        self._send("browsingContext.navigate", {**self._context, "url": url, "wait": "complete"})

    def evaluate(self, expression: str) -> Any:
        answer = self._send(
            "script.evaluate",
            {
                "expression": f"JSON.stringify({expression}) ?? 'null'",
                "target": self._context,
                "awaitPromise": False,
            },
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def perform(self, actions: list[Json]) -> None:
        self._send("input.performActions", {**self._context, "actions": actions})

    def _send(self, method: str, params: Json) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._sent:
                assert answer["type"] == "success", answer
                return answer["result"]


class WebKit:
    """WebKitGTK's MiniBrowser through Selenium."""

    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self._driver = driver
        driver.set_window_rect(0, 0, WIDTH, HEIGHT)

    def open(self, url: str) -> None:
        self._driver.get(url)

    def evaluate(self, expression: str) -> Any:
        return self._driver.execute_script(f"return {expression}")

    def perform(self, actions: list[Json]) -> None:
        self._driver.execute("actions", {"actions": actions})


@contextmanager
def firefox(profile: Path) -> Iterator[Engine]:
    """Headless, on an empty profile; none of its own services may be called."""
    assert FIREFOX is not None
    quiet = {"app.normandy.enabled": False, "network.captive-portal-service.enabled": False}
    lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in quiet.items()]
    (profile / "user.js").write_text("\n".join(lines))
    command = [FIREFOX, "--headless", "--remote-debugging-port", "0", "--profile", str(profile)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        with closing(
            Firefox(_announced(process, r"WebDriver BiDi listening on (ws://\S+)"))
        ) as one:
            yield one
    finally:
        process.terminate()
        process.wait(30)
        if process.stderr is not None:
            process.stderr.close()


@contextmanager
def webkit() -> Iterator[Engine]:
    """On a screen of its own: WebKitGTK has no headless mode."""
    assert XVFB is not None
    with _screen() as display:
        options = Options()
        options.binary_location = str(next(Path("/usr/lib").glob("*/webkit2gtk-4*/MiniBrowser")))
        options.add_argument("--automation")
        service = Service(WEBKIT, env={**os.environ, "DISPLAY": display})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Selenium's own
            driver = webdriver.WebKitGTK(options, service)
        try:
            yield WebKit(driver)
        finally:
            driver.quit()


@contextmanager
def _screen() -> Iterator[str]:
    assert XVFB is not None
    size = f"{WIDTH + 20}x{HEIGHT + 120}x24"
    read, write = os.pipe()
    command = [XVFB, "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(
        command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield f":{pipe.readline().strip()}"
    finally:
        process.terminate()
        process.wait(30)


def _announced(process: subprocess.Popen[bytes], pattern: str) -> str:
    """What a process says of itself; the rest of its output is read and thrown away."""
    assert process.stderr is not None
    output, found = process.stderr, Queue[str]()

    def read() -> None:
        with suppress(ValueError):  # closed
            for line in output:
                if match := re.search(pattern, line.decode(errors="replace")):
                    found.put(match[1])

    threading.Thread(target=read, daemon=True).start()
    try:
        return found.get(timeout=START_SECONDS)
    except Empty:
        raise AssertionError("the browser did not start") from None
