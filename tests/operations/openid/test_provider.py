"""What a provider publishes is fetched with care."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import jwt
import pytest
from tests.support.openid_provider import OpenIdProvider, openid_provider

from lensmith.operations.openid.provider import Provider, ProviderError, refuse_plain


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def served() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


def test_keys_are_kept_and_fetched_again_for_an_unknown_one(served: OpenIdProvider) -> None:
    clock = Clock()
    provider = Provider(served.issuer, clock)
    first = served.token(aud="a")
    for _ in range(3):
        assert provider.signing_key(first)
    assert served.asked.count("/jwks") == 1
    served.rotate("two")
    second = served.token(aud="a")
    for _ in range(3):  # at most every 30 seconds
        with pytest.raises(jwt.InvalidKeyError):
            provider.signing_key(second)
    assert served.asked.count("/jwks") == 1
    clock.now += 31
    assert jwt.decode(second, provider.signing_key(second), ["ES256"], audience="a")["sub"] == "ada"
    with pytest.raises(jwt.InvalidKeyError):
        provider.signing_key(first)
    assert served.asked.count("/jwks") == 2
    clock.now += 601
    assert provider.signing_key(second)
    assert served.asked.count("/jwks") == 3
    assert served.asked.count("/.well-known/openid-configuration") == 2


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/jwks", 302, b"{}"),
        ("/jwks", 500, b"{}"),
        ("/jwks", 200, b'{"keys": "' + b"x" * (1 << 20) + b'"}'),
        ("/jwks", 200, b"nothing"),
        ("/jwks", 200, b"[" * 100_000),
        ("/jwks", 200, b"[]"),
        ("/.well-known/openid-configuration", 200, b'{"issuer": "https://other.example"}'),
        ("/.well-known/openid-configuration", 200, b"{}"),
    ],
)
def test_what_is_odd_is_refused(
    served: OpenIdProvider, path: str, status: int, body: bytes
) -> None:
    served.documents[path] = lambda: (status, body)
    with pytest.raises(ProviderError):
        Provider(served.issuer).signing_key(served.token(aud="a"))
    assert "/elsewhere" not in served.asked


def test_a_provider_that_failed_is_asked_again_later(served: OpenIdProvider) -> None:
    clock = Clock()
    provider = Provider(served.issuer, clock)
    token = served.token(aud="a")
    served.documents["/jwks"] = lambda: (500, b"")
    for _ in range(3):
        with pytest.raises(ProviderError, match="answered 500"):
            provider.signing_key(token)
    assert served.asked.count("/jwks") == 1
    del served.documents["/jwks"]
    clock.now += 11
    assert provider.signing_key(token)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"])
def test_an_answer_of_one_byte_at_a_time_ends(start: bytes) -> None:
    """Each byte comes before the socket's timeout; the whole would take many minutes."""
    over = threading.Event()

    def drip(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client, contextlib.suppress(OSError):
            client.sendall(start)
            while not over.wait(0.05):
                client.sendall(b"1")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=(listening,))
        thread.start()
        provider = Provider(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=0.5)
        with pytest.raises(ProviderError):
            provider.endpoint("jwks_uri")
        over.set()
        thread.join()


def test_plain_http_is_for_this_machine_only(served: OpenIdProvider) -> None:
    served.documents["/.well-known/openid-configuration"] = lambda: (
        200,
        f'{{"issuer": "{served.issuer}", "jwks_uri": "http://id.example/jwks"}}'.encode(),
    )
    with pytest.raises(ProviderError, match="must be https"):
        Provider(served.issuer).signing_key(served.token(aud="a"))
    for url in ("ftp://127.0.0.1/", "file:///etc/passwd", "http://id.example/"):
        with pytest.raises(ProviderError):
            refuse_plain(url)
    refuse_plain("https://id.example/")
