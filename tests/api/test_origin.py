"""Host and Origin: which names the server answers to, and whose pages may call it."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.api.conftest import Api

from lensmith.api.origin import Allowed
from lensmith.config import Settings


def allowed(host: str = "127.0.0.1", hosts: str = "", origins: str = "") -> Allowed:
    return Allowed(
        Settings(
            Path("/data"),
            host=host,
            allowed_hosts=tuple(hosts.split()),
            allowed_origins=tuple(origins.split()),
        )
    )


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:7400", "LOCALHOST:1", "127.0.0.1:9", "127.0.0.2", "[::1]:7400"]
)
def test_loopback_has_any_port(host: str) -> None:
    assert allowed().reason_against(host.encode(), None) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "10.0.0.5:7400",
        "",
        "localhost,evil.example",
        "user@localhost",
        "localhost/evil",
        "[::1",
        "localhost:port",
    ],
)
def test_other_names_are_foreign(host: str) -> None:
    assert allowed().reason_against(host.encode(), None)


def test_names_are_added_by_settings() -> None:
    listed = allowed(host="10.0.0.5", hosts="lens.example")
    assert listed.reason_against(b"10.0.0.5:7400", None) is None
    assert listed.reason_against(b"Lens.Example", None) is None
    assert listed.reason_against(b"10.0.0.6:7400", None)


def test_a_server_that_listens_everywhere_answers_to_addresses_but_not_to_names() -> None:
    everywhere = allowed(host="0.0.0.0")
    assert everywhere.reason_against(b"10.0.0.6:7400", None) is None
    assert everywhere.reason_against(b"[fe80::1]:7400", None) is None
    assert everywhere.reason_against(b"evil.example:7400", None)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:7400", "http://localhost:7400"),
        ("localhost:8080", "http://localhost:8080"),  # a forwarded port
        ("localhost", "http://localhost"),
        ("localhost", "https://localhost"),  # a TLS proxy
        ("localhost:443", "https://localhost"),
    ],
)
def test_pages_of_the_server_itself_may_call(host: str, origin: str) -> None:
    assert allowed().reason_against(host.encode(), origin.encode()) is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:7400",
        "http://localhost:7400/",
        "http://localhost:7400,http://localhost:7400",
        "file://localhost:7400",
    ],
)
def test_pages_of_other_origins_may_not(origin: str) -> None:
    assert allowed().reason_against(b"localhost:7400", origin.encode())


def test_origins_are_added_by_settings() -> None:
    listed = allowed(origins="https://demo.example http://localhost:3000/")
    assert listed.reason_against(b"localhost:7400", b"https://demo.example") is None
    assert listed.reason_against(b"localhost:7400", b"http://localhost:3000") is None
    assert listed.reason_against(b"localhost:7400", b"https://other.example")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("GET", "/_lensmith/health"),
        ("POST", "/_lensmith/session"),
        ("GET", "/"),
        ("GET", "/nowhere"),
    ],
)
@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_every_route_refuses_the_foreign(
    api: Api, method: str, path: str, header: dict[str, str]
) -> None:
    client = http.client.HTTPConnection(urlsplit(api.endpoint).netloc, timeout=60)
    client.request(method, path, headers=header)
    reply = client.getresponse()
    assert reply.status == 403
    assert reply.headers["x-amzn-errortype"] == "AccessDeniedException"
    assert reply.headers["x-amzn-requestid"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert "LENSMITH_ALLOWED_" in json.load(reply)["message"]
    client.close()
