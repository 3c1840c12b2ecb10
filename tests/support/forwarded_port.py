"""A port that leads to another one, as `ssh -L` opens it, or with TLS in front."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

_BYTES = 65_536


def _as_it_is(accepted: socket.socket) -> socket.socket:
    return accepted


class ForwardedPort:
    """Copies bytes between connections to `port` and to the target, until it is closed."""

    def __init__(
        self,
        target: int | str,
        port: int = 0,
        wrap: Callable[[socket.socket], socket.socket] = _as_it_is,
        host: str = "127.0.0.1",
    ) -> None:
        """A `target` is a port of this machine, or the path of a Unix socket.

        `wrap` gets what was accepted, as an SSLContext's `wrap_socket`; it may raise OSError.
        """
        self._target, self._wrap = target, wrap
        self._listener = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> ForwardedPort:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                accepted, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=[accepted], daemon=True).start()

    def _connected(self) -> socket.socket:
        if isinstance(self._target, int):
            return socket.create_connection(("127.0.0.1", self._target))
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._target)
        except OSError:
            connection.close()
            raise
        return connection

    def _carry(self, accepted: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            accepted,
            self._wrap(accepted) as near,
            self._connected() as far,
        ):
            back = threading.Thread(target=_copy, args=(far, near), daemon=True)
            back.start()
            _copy(near, far)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(_BYTES):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
