"""No way around the S3 signatures for another user of the machine."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest
from botocore.exceptions import ClientError
from tests.support.eventually import until
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def ports(server: LiveServer) -> dict[str, int]:
    path = server.home / "data" / "run" / "seaweed" / "ports.json"
    return {name: int(port) for name, port in json.loads(path.read_text()).items()}


@pytest.fixture(scope="module")
def stored(s3: S3Client) -> str:
    s3.create_bucket(Bucket="guarded")
    s3.put_object(Bucket="guarded", Key="secret", Body=b"secret" * 1000)
    return "guarded/secret"


def answer(port: int, path: str, method: str = "GET", body: bytes | None = None) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("path", ["/buckets/{stored}", "/buckets/", "/etc/", "/"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_the_filer_answers_nothing(
    ports: dict[str, int], stored: str, path: str, method: str
) -> None:
    body = b"x" if method in {"PUT", "POST"} else None
    assert answer(ports["filer"], path.format(stored=stored), method, body) in {401, 404}


@pytest.mark.parametrize("volume", range(1, 6))
def test_the_volume_server_wants_its_own_tokens(
    ports: dict[str, int], stored: str, volume: int
) -> None:
    for number in range(1, 9):
        path = f"/{volume},{number:02x}00000000"
        assert answer(ports["volume"], path) == 401
        assert answer(ports["volume"], path, "DELETE") == 401
        assert answer(ports["volume"], path, "POST", b"x") == 401


@pytest.mark.parametrize("path", ["/dir/assign", "/dir/lookup?fileId=1,01&read=yes", "/dir/status"])
def test_the_master_hands_out_no_tokens(ports: dict[str, int], path: str) -> None:
    assert answer(ports["master"], path) == 404


@pytest.mark.parametrize("name", ["master_grpc", "volume_grpc", "filer_grpc", "s3_grpc"])
def test_grpc_wants_a_certificate(ports: dict[str, int], name: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", ports[name]), 10) as plain,
        pytest.raises(ssl.SSLError, match="certificate required"),
        context.wrap_socket(plain) as secured,
    ):
        secured.recv(1)


def test_it_listens_on_loopback_and_where_it_says(
    server: LiveServer, ports: dict[str, int]
) -> None:
    (weed,) = server.children("-s3.config")

    def listening() -> set[tuple[str, int]]:
        return {
            (connection.laddr.ip, connection.laddr.port)
            for connection in weed.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        }

    # Of its ports those that nobody asks yet may open after the server answers.
    wanted = {("127.0.0.1", port) for port in ports.values()}
    until(listening, lambda seen: seen >= wanted)
    assert listening() == wanted


def test_its_sockets_are_reachable_by_its_user_only(server: LiveServer) -> None:
    directory = server.home / "data" / "run" / "seaweed"
    assert directory.stat().st_mode & 0o077 == 0
    assert (directory / "s3.sock").is_socket()


def test_its_secrets_are_readable_by_nobody_else(server: LiveServer) -> None:
    directory = server.home / "data" / "run" / "seaweed"
    for name in ("identities.json", "security.toml", "grpc.key"):
        assert (directory / name).stat().st_mode & 0o077 == 0


def test_unsigned_s3_requests_are_refused(
    server: LiveServer, ports: dict[str, int], stored: str
) -> None:
    for port in (server.s3_port, ports["s3"]):
        assert answer(port, f"/{stored}") == 403
        assert answer(port, "/") == 403


def test_the_store_knows_no_user(server: LiveServer, ports: dict[str, int]) -> None:
    behind = server.s3(port=ports["s3"])
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        behind.list_buckets()
