"""The console's files over HTTP: caching, policy, addresses of the router, no build."""

from __future__ import annotations

import gzip
import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.api.served import served

from lensmith.api.console import console_routes

INDEX = b"<!doctype html><title>Lensmith</title>"
SCRIPT = b"export const answer = 42;" * 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built: Path = tmp_path_factory.mktemp("built")
    (built / "assets").mkdir()
    (built / "index.html").write_bytes(INDEX)
    (built / "assets" / "index-abc123.js").write_bytes(SCRIPT)
    (built / "assets" / "icon-abc123.png").write_bytes(b"\x89PNG")
    (built / "first-paint.js").write_bytes(b"1;")
    return built


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    health = Route("/_lensmith/health", lambda _: JSONResponse({"status": "ok"}), methods=["GET"])
    with served(Starlette(routes=[health, *console_routes(folder)])) as running:
        yield running


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=sent)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/a.b/models/v1.2", "/nothing/here"])
def test_addresses_of_the_console_are_its_page(endpoint: str, path: str) -> None:
    status, headers, body = get(endpoint + path)
    assert (status, body) == (200, INDEX)
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Type"].startswith("text/html")
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=(self)" in headers["Permissions-Policy"]


def test_hashed_files_are_kept_for_good_and_travel_compressed(endpoint: str) -> None:
    url = f"{endpoint}/assets/index-abc123.js"
    status, headers, body = get(url, Accept_Encoding="gzip, br")
    assert status == 200
    assert gzip.decompress(body) == SCRIPT
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"].startswith("text/javascript")
    assert get(url)[2] == SCRIPT


def test_pictures_are_not_compressed(endpoint: str) -> None:
    _, headers, body = get(f"{endpoint}/assets/icon-abc123.png", Accept_Encoding="gzip")
    assert (headers["Content-Encoding"], body) == (None, b"\x89PNG")


def test_an_unchanged_page_is_not_sent_again(endpoint: str) -> None:
    _, headers, _ = get(f"{endpoint}/first-paint.js")
    assert headers["Cache-Control"] == "no-cache"
    status, _, body = get(f"{endpoint}/first-paint.js", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/gone-123.js", "/_lensmith/nothing", "/assets/../../../etc/passwd"]
)
def test_missing_files_and_routes_are_404(endpoint: str, path: str) -> None:
    assert get(endpoint + path)[0] == 404


def test_routes_before_it_answer(endpoint: str) -> None:
    assert json.loads(get(f"{endpoint}/_lensmith/health")[2]) == {"status": "ok"}


def test_another_build_is_served_without_a_restart(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    with served(Starlette(routes=console_routes(tmp_path))) as running:
        status, headers, body = get(running)
        assert status == 503
        assert b"make console" in body
        assert "style-src 'sha256-" in headers["Content-Security-Policy"]
        page.write_bytes(b"one")
        assert get(running)[2] == b"one"
        page.write_bytes(b"two")
        os.utime(page, ns=(1, 1))
        assert get(running)[2] == b"two"
