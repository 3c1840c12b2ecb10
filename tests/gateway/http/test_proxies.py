"""What a proxy says of its client, and who may say it."""

from __future__ import annotations

import pytest

from lensmith.gateway.http.proxies import Client, TrustedProxies

SAID = {"x-forwarded-for": "198.51.100.7, 203.0.113.9, 10.0.0.2", "x-forwarded-proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "peer", "expected"),
    [
        ((), "127.0.0.1", Client("127.0.0.1", is_secure=False)),
        (("127.0.0.1",), "192.0.2.1", Client("192.0.2.1", is_secure=False)),
        (
            ("127.0.0.1", "10.0.0.0/8"),
            "127.0.0.1",
            Client("203.0.113.9", True, "unknown"),
        ),
        (("127.0.0.1",), "127.0.0.1", Client("10.0.0.2", True, "unknown")),
        (("::1",), "::1", Client("10.0.0.2", True, "unknown")),
        (("*",), "192.0.2.1", Client("198.51.100.7", True, "unknown")),
        (("no address",), "", Client("", is_secure=False)),
    ],
)
def test_the_client(trusted: tuple[str, ...], peer: str, expected: Client) -> None:
    assert TrustedProxies(trusted).client(peer, SAID) == expected


def test_a_proxy_that_says_nothing() -> None:
    assert TrustedProxies(["127.0.0.1"]).client("127.0.0.1", {}) == Client(
        "127.0.0.1", is_secure=False
    )
