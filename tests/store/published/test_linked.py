"""A folder that is read by links, from a store that breaks off or is none."""

from __future__ import annotations

import socket
import threading
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


def test_a_file_that_ends_early_is_an_outage_and_other_bytes_are_damage(tmp_path: Path) -> None:
    linked, file = published(tmp_path / "store"), tmp_path / "store" / "model.onnx"
    assert linked.fetch(empty(tmp_path / "whole")) == linked.index
    file.write_bytes(b"weig")
    with pytest.raises(OSError, match=r"broke off model\.onnx"):
        linked.fetch(empty(tmp_path / "half"))
    file.write_bytes(b"WEIGHTS")
    with pytest.raises(FolderDamagedError, match="not what was published"):
        linked.fetch(empty(tmp_path / "other"))


def test_what_speaks_no_http_is_an_outage(tmp_path: Path) -> None:
    linked = published(tmp_path / "store")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"220 not a store\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        link = {"model.onnx": f"http://127.0.0.1:{port}/model.onnx?X-Amz-Signature=s3cr3t"}
        with pytest.raises(OSError, match="does not answer as one") as raised:
            LinkedFolder(linked.digest, linked.index, link).fetch(empty(tmp_path / "copy"))
        thread.join()
    assert "s3cr3t" not in str(raised.value)
