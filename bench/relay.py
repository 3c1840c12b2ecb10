"""`python -m bench.relay PORT SOCKET`: the least that can stand before SeaweedFS.

Copies requests from loopback connections to a Unix socket, and the answers back, in one thread on
bare epoll: no parsing but of the length, no signature, no policy, no log. What it costs is two more
sockets on the way, and no gateway that is a process of Python costs less.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
from collections.abc import Callable

_BUFFER = memoryview(bytearray(256 << 10))
_HEAD_BYTES = 4096
_LENGTH = b"Content-Length: "
_MORE: int = getattr(socket, "MSG_MORE", 0)


class _Pair:
    """A client's connection and one to the store."""

    def __init__(self, client: socket.socket, path: str) -> None:
        self.client, self.store = client, socket.socket(socket.AF_UNIX)
        self.store.connect(path)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.store.setblocking(False)
        self._left = 0  # bytes of the answer that are to come

    def ask(self) -> bool:
        """Pass a request on; False at the end of the connection."""
        size = 0
        with contextlib.suppress(ConnectionError):
            size = self.client.recv_into(_BUFFER)
            self.store.sendall(_BUFFER[:size])
        return bool(size)

    def answer(self) -> bool:
        """Pass on what the store sent; False at the end of the connection."""
        try:
            if not self._left and not self._begin():
                return False
            while self._left:
                size = self.store.recv_into(_BUFFER, min(self._left, len(_BUFFER)))
                self._left -= size
                self.client.sendall(_BUFFER[:size], _MORE if self._left else 0)
        except BlockingIOError:
            return True
        except ConnectionError:  # the client went away in the middle
            return False
        return True

    def _begin(self) -> bool:
        size = self.store.recv_into(_BUFFER)
        if not size:
            return False
        head = bytes(_BUFFER[:_HEAD_BYTES])
        start = head.find(_LENGTH) + len(_LENGTH)
        length = int(head[start : head.find(b"\r", start)])
        self._left = length - (size - head.find(b"\r\n\r\n") - 4)
        self.client.sendall(_BUFFER[:size], _MORE if self._left else 0)
        return True

    def close(self) -> None:
        self.client.close()
        self.store.close()


def main(port: int, path: str) -> None:
    poll = select.epoll()
    steps: dict[int, tuple[_Pair, Callable[[], bool]]] = {}
    with socket.create_server(("127.0.0.1", port), backlog=64) as listening:
        poll.register(listening, select.EPOLLIN)
        print("relays", flush=True)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == listening.fileno():
                    pair = _Pair(listening.accept()[0], path)
                    steps[pair.client.fileno()] = (pair, pair.ask)
                    steps[pair.store.fileno()] = (pair, pair.answer)
                    poll.register(pair.client, select.EPOLLIN)
                    poll.register(pair.store, select.EPOLLIN)
                elif descriptor in steps:
                    pair, step = steps[descriptor]
                    if not step():
                        del steps[pair.client.fileno()], steps[pair.store.fileno()]
                        pair.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
