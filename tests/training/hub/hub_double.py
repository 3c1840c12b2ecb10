"""The few routes of the hub that a download takes, since tests have no network."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "a" * 40


class HubDouble(ThreadingHTTPServer):
    """One model, `owner/model`, with the files of a folder; or one status for everything."""

    daemon_threads = True

    def __init__(self, folder: Path, status: int = 200, error: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.status, self.error = folder, status, error
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: HubDouble

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        if self.server.status != 200:
            self._answer(b"", self.server.status, {"X-Error-Code": self.server.error})
        elif "/tree/" in self.path:
            self._json([_entry(path) for path in sorted(self.server.folder.iterdir())])
        elif "/api/models/" in self.path:
            self._json({"id": "owner/model", "sha": COMMIT, "siblings": []})
        else:
            self._file(self.path.rpartition("/")[2])

    do_HEAD = do_GET  # noqa: N815

    def _file(self, name: str) -> None:
        path = self.server.folder / name
        if path.is_file():
            self._answer(path.read_bytes(), 200, {"ETag": f'"{name}"', "X-Repo-Commit": COMMIT})
        else:
            self._answer(b"", 404, {})

    def _json(self, answer: object) -> None:
        self._answer(json.dumps(answer).encode(), 200, {"Content-Type": "application/json"})

    def _answer(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _entry(path: Path) -> dict[str, object]:
    return {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": path.name}


@contextmanager
def running(double: HubDouble) -> Iterator[HubDouble]:
    thread = threading.Thread(target=double.serve_forever, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.shutdown()
        double.server_close()
        thread.join()
