"""One inference unit as the server sees it: a process and the connection to it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from lensmith.domain.errors import LensmithError
from lensmith.domain.label import Prediction
from lensmith.serving.protocol import Answer, Ready, Refused, Reply, Unusable, receive_reply, send
from lensmith.store import lifeline

# The network has threads of its own; numpy's would only cost start time and memory.
_ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class UnitLostError(LensmithError):
    """The process ended or no longer answers."""


class ModelUnusableError(LensmithError):
    """The unit says that its model cannot be loaded; the message says why."""


class Unit:
    """A worker process that looks at one image at a time."""

    def __init__(self, process: subprocess.Popen[bytes], connection: socket.socket) -> None:
        self._process = process
        self._connection = connection
        self._talking = threading.Lock()
        self._thresholds: Mapping[str, float] = {}

    @classmethod
    def launch(cls, model: Path, threads: int, log: Path) -> Unit:
        """Start the process; it is of use once `await_ready` returned. Raises OSError."""
        # A pair instead of a named socket: nobody else can connect, no path to grow too long.
        ours, theirs = socket.socketpair()
        with theirs:
            inherited = theirs.fileno()
            command = _command(model, threads, inherited)
            try:
                process = lifeline.spawn(command, _ONE_BLAS_THREAD, log, pass_fds=(inherited,))
            except OSError:
                ours.close()
                raise
        return cls(process, ours)

    @property
    def pid(self) -> int:
        return self._process.pid

    def await_ready(self, seconds: float) -> None:
        """Block until the model is loaded; raises ModelUnusableError or UnitLostError."""
        match self._exchange(None, seconds):
            case Ready(thresholds):
                self._thresholds = thresholds
            case Unusable(reason):
                raise ModelUnusableError(reason)
            case _:
                raise UnitLostError

    def ask(self, image: bytes, seconds: float) -> Prediction:
        """What the model sees in an image file.

        Raises the unit's ServiceError about the image, or UnitLostError when there is no answer in
        time; the unit is then of no further use.
        """
        match self._exchange(image, seconds):
            case Answer(detections):
                return Prediction(detections, self._thresholds)
            case Refused() as refusal:
                raise refusal.as_error()
            case _:
                raise UnitLostError

    def dismiss(self) -> None:
        """Hang up: the process ends when it has answered what it was asked."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it hung up first

    def kill(self) -> None:
        """End the process whatever it does."""
        self._process.kill()

    def wait(self) -> int:
        """Block until the process ended; returns its exit code and frees what was held for it."""
        code = self._process.wait()
        self.dismiss()
        with self._talking:  # a descriptor closed under a reader may be another's by then
            self._connection.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return code

    def _exchange(self, image: bytes | None, seconds: float) -> Reply | None:
        with self._talking:
            try:
                self._connection.settimeout(seconds)
                if image is not None:
                    send(self._connection, image)
                return receive_reply(self._connection)
            except OSError as error:
                raise UnitLostError from error


def _command(model: Path, threads: int, descriptor: int) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "lensmith.serving.worker"),
        *("--socket", str(descriptor)),
        *("--model", str(model)),
        *("--threads", str(threads)),
    ]
