"""The process that checks templates, see check.py: started by a template, it ends when idle."""

from __future__ import annotations

import atexit
import socket
import subprocess
import sys
import threading

from lensmith.cloudformation.check import FORK_SECONDS

_FORKS = 2  # at once: each takes a core


class CheckProcess:
    """Has templates checked, each in a fork of its own."""

    def __init__(self) -> None:
        self._forks = threading.BoundedSemaphore(_FORKS)
        self._lock = threading.Lock()  # held until a fork has begun
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._region = ""
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """That of the process; None before the first template."""
        return None if self._process is None else self._process.pid

    def check(self, text: str, region: str) -> bytes:
        """Return the JSON that a fork answers, cut where it was killed; raises OSError."""
        with self._forks:
            own, its = socket.socketpair()
            with own:
                with its:
                    self._hand_over(its, region)
                own.settimeout(FORK_SECONDS)
                own.sendall(text.encode())
                own.shutdown(socket.SHUT_WR)
                with own.makefile("rb") as answer:
                    return answer.read()

    def close(self) -> None:
        """End the process; forks that have begun go on."""
        if self._process is None or self._control is None:
            return
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._process = self._control = None

    def _hand_over(self, connection: socket.socket, region: str) -> None:
        with self._lock:
            if region != self._region or not self._is_begun(connection):
                self._start(region)  # again, where it was idle or killed
                if not self._is_begun(connection):
                    self.close()
                    raise ConnectionError("no process checks templates")

    def _is_begun(self, connection: socket.socket) -> bool:
        """Send a connection; False if the process is gone."""
        if self._control is None:
            return False
        try:
            socket.send_fds(self._control, [b"\0"], [connection.fileno()])
            return self._control.recv(1) != b""
        except OSError:
            return False

    def _start(self, region: str) -> None:
        self.close()
        own, its = socket.socketpair()
        with its:
            descriptor = its.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lensmith.cloudformation.check", region, str(descriptor)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[descriptor],
                start_new_session=True,  # Ctrl-C is not for it
            )
        own.settimeout(FORK_SECONDS)
        self._control, self._region = own, region
        # Leaves no zombie.
        threading.Thread(target=self._process.wait, name="template checks", daemon=True).start()
