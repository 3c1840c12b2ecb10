"""A folder that is read by links, from a store that breaks off or is none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lensmith.store.published.index import Index
from lensmith.store.published.linked import LinkedFolder
from lensmith.store.unreadable_folder import FolderDamagedError


def published(folder: Path) -> LinkedFolder:
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"weights")
    data, digest = Index.of(folder).encode()
    return LinkedFolder(digest, data, {"model.onnx": (folder / "model.onnx").as_uri()})


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Answer one request with these bytes, then hang up; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reply() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/model.onnx?X-Amz-Signature=s3cr3t"
        thread.join()


def test_other_bytes_are_damage(tmp_path: Path) -> None:
    linked, file = published(tmp_path / "store"), tmp_path / "store" / "model.onnx"
    assert linked.fetch(empty(tmp_path / "whole")) == linked.index
    for number, other in enumerate((b"weig", b"WEIGHTS", b"weights and more")):
        file.write_bytes(other)
        with pytest.raises(FolderDamagedError, match="not what was published"):
            linked.fetch(empty(tmp_path / f"other-{number}"))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nweig", r"broke off model\.onnx"),
        (b"220 not a store\r\n", "does not answer as one"),
    ],
)
def test_what_breaks_off_or_speaks_no_http_is_an_outage(
    answer: bytes, reason: str, tmp_path: Path
) -> None:
    linked = published(tmp_path / "store")
    with answering(answer) as link, pytest.raises(OSError, match=reason) as raised:
        replace(linked, links={"model.onnx": link}).fetch(empty(tmp_path / "copy"))
    assert "s3cr3t" not in str(raised.value)
