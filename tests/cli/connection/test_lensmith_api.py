"""Downloads from a server that ends in the middle."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator

import pytest
from botocore.session import Session

from lensmith.cli.connection.lensmith_api import LensmithApi, LensmithApiError
from lensmith.cli.connection.server_choice import ServerChoice

WHOLE = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n"
)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def download(server: socket.socket, answer: bytes) -> bytes:
    """What arrives from a server that says this and hangs up."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    session = Session()
    session.set_credentials("AKIAEXAMPLE", "secret")
    session.set_config_variable("region", "us-east-1")
    file = io.BytesIO()
    try:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
        choice = ServerChoice(session, "the test", rekognition_url=endpoint)
        LensmithApi(choice).download("/_lensmith/model", file)
    finally:
        thread.join()
    return file.getvalue()


def test_an_answer_arrives_whole(listening: socket.socket) -> None:
    assert download(listening, WHOLE) == b"firstlast"


def test_an_answer_that_breaks_off_is_an_error(listening: socket.socket) -> None:
    with pytest.raises(LensmithApiError, match="broke off its answer"):
        download(listening, WHOLE[: WHOLE.index(b"st\r\n0")])


def test_what_is_no_lensmith_server_is_named(listening: socket.socket) -> None:
    with pytest.raises(LensmithApiError, match="is it a Lensmith server"):
        download(listening, b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")
