"""The load: a process that sends the same bytes again and again on many connections.

`python -m bench.serving.client HOST PORT REQUEST_FILE CONNECTIONS WARM_UP SECONDS SERVER_PID`
prints one JSON object. A request costs it some system calls and nothing else, because the cores
it takes are those of the server under test.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.serving.measured import Cpu, Measured, Outcome

_PART = 1 << 16
_PAUSE_SECONDS = 0.05  # of a connection that was refused, before it tries again


def main() -> None:
    host, port, file, connections, warm_up, seconds, pid = sys.argv[1:]
    request = Path(file).read_bytes()
    load = Load((host, int(port)), request, int(connections))
    load.run(float(warm_up))
    load.outcomes.clear()
    began, server, own = time.perf_counter(), Cpu.of(int(pid)), time.process_time()
    load.run(float(seconds))
    took = time.perf_counter() - began
    server, own = Cpu.of(int(pid)) - server, time.process_time() - own
    print(json.dumps(Measured.of(load.outcomes, took, server, own).as_row()))


@dataclass
class Connection:
    """One request after the other."""

    socket: socket.socket
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    began: float = 0.0

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self) -> bool:
        """True when all is sent."""
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return False
        return True

    def status(self) -> int | None:
        """Of the reply, when it is there whole."""
        part = self.socket.recv(_PART)
        if not part:
            raise SystemExit("the server hung up")
        self.received += part
        head, found, body = bytes(self.received).partition(b"\r\n\r\n")
        if not found or len(body) < _content_length(head):
            return None
        self.received.clear()
        return int(head.split(b" ", 2)[1])


class Load:
    """Connections that are each always waiting for one answer."""

    def __init__(self, address: tuple[str, int], request: bytes, connections: int) -> None:
        self.outcomes: list[Outcome] = []
        self._request = request
        self._ready = selectors.DefaultSelector()
        self._paused: list[tuple[float, Connection]] = []
        for _ in range(connections):
            opened = socket.create_connection(address)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setblocking(False)
            connection = Connection(opened)
            self._ready.register(connection, selectors.EVENT_READ)
            self._ask(connection)

    def run(self, seconds: float) -> None:
        """Keep asking for so long; requests that are under way then stay under way."""
        until = time.perf_counter() + seconds
        while (now := time.perf_counter()) < until:
            for connection in self._rested(now):
                self._ask(connection)
            for key, _ in self._ready.select(min(until - now, _PAUSE_SECONDS)):
                self._go_on(key.fileobj)  # type: ignore[arg-type]

    def _ask(self, connection: Connection) -> None:
        connection.began = time.perf_counter()
        connection.unsent = memoryview(self._request)
        self._send(connection)

    def _send(self, connection: Connection) -> None:
        wanted = selectors.EVENT_READ if connection.send() else selectors.EVENT_WRITE
        if self._ready.get_key(connection).events != wanted:
            self._ready.modify(connection, wanted)

    def _go_on(self, connection: Connection) -> None:
        if connection.unsent:
            self._send(connection)
            return
        status = connection.status()
        if status is None:
            return
        now = time.perf_counter()
        self.outcomes.append(Outcome(now - connection.began, status))
        if status == 200:
            self._ask(connection)
        else:
            self._paused.append((now + _PAUSE_SECONDS, connection))

    def _rested(self, now: float) -> Iterator[Connection]:
        while self._paused and self._paused[0][0] <= now:
            yield self._paused.pop(0)[1]


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise SystemExit(f"a reply without a length: {head!r}")


if __name__ == "__main__":
    main()
