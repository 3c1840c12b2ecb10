"""One inference unit as the server sees it: a process and the places where it takes images."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from lensmith.domain.errors import ImageTooLargeException, LensmithError
from lensmith.domain.label import Prediction
from lensmith.serving import shared_memory
from lensmith.serving.protocol import (
    PING,
    Alive,
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive_reply,
    send_length,
)
from lensmith.serving.shared_memory import LARGEST_FILE, Area
from lensmith.store import lifeline

# The network has threads of its own; numpy's would only cost start time and memory.
_ONE_BLAS_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

_MOST_PLACES = 4  # each costs the memory of a network's intermediate results


class UnitLostError(LensmithError):
    """The process ended or no longer answers."""


class ModelUnusableError(LensmithError):
    """The unit says that its model cannot be loaded; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a unit takes one image at a time."""

    connection: socket.socket
    area: Area
    talking: threading.Lock = field(default_factory=threading.Lock)


class Unit:
    """A worker process that looks at as many images at once as it has places."""

    def __init__(self, process: subprocess.Popen[bytes], places: Sequence[Place]) -> None:
        self._process = process
        self._places = tuple(places)
        self._free: SimpleQueue[Place] = SimpleQueue()
        for place in self._places:
            self._free.put(place)
        self._thresholds: Mapping[str, float] = {}
        self._heard_at = time.monotonic()

    @classmethod
    def launch(cls, model: Path, threads: int, log: Path) -> Unit:
        """Start the process; it is of use once `await_ready` returned. Raises OSError."""
        with ExitStack() as theirs, ExitStack() as failing:
            memory = shared_memory.reserve(places_for(threads))
            theirs.callback(os.close, memory)
            places, inherited = [], []
            for area in shared_memory.areas(memory):
                # Pairs instead of a named socket: nobody else can connect.
                ours, other = socket.socketpair()
                failing.enter_context(ours)
                inherited.append(theirs.enter_context(other).fileno())
                places.append(Place(ours, area))
            command = _command(model, threads, inherited, memory)
            process = lifeline.spawn(command, _ONE_BLAS_THREAD, log, pass_fds=(*inherited, memory))
            failing.pop_all()
        return cls(process, places)

    @property
    def places(self) -> int:
        """How many images it looks at at once."""
        return len(self._places)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def silent_seconds(self) -> float:
        """Since it last said something."""
        return time.monotonic() - self._heard_at

    def await_ready(self, seconds: float) -> None:
        """Block until the model is loaded; raises ModelUnusableError or UnitLostError."""
        match self._hear(self._places[0], seconds):
            case Ready(thresholds):
                self._thresholds = thresholds
            case Unusable(reason):
                raise ModelUnusableError(reason)
            case _:
                raise UnitLostError

    def ask(self, image: bytes, seconds: float) -> Prediction:
        """What the model sees in an image file; waits when as many ask as there are places.

        Raises ImageTooLargeException above 15 MiB, the unit's ServiceError about the image, or
        UnitLostError when there is no answer in time; the unit is then of no further use.
        """
        if len(image) > LARGEST_FILE:
            raise ImageTooLargeException
        match self._told(seconds, image):
            case Answer(detections):
                return Prediction(detections, self._thresholds)
            case Refused() as refusal:
                raise refusal.as_error()
            case _:
                raise UnitLostError

    def ping(self, seconds: float) -> None:
        """Return when the unit says that it is alive; raises UnitLostError as `ask` does."""
        if not isinstance(self._told(seconds), Alive):
            raise UnitLostError

    def dismiss(self) -> None:
        """Hang up: the process ends when it has answered what it was asked."""
        for place in self._places:
            with suppress(OSError):  # it hung up first
                place.connection.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        """End the process whatever it does."""
        self._process.kill()

    def wait(self) -> int:
        """Block until the process ended; returns its exit code and frees what was held for it."""
        code = self._process.wait()
        self.dismiss()
        for place in self._places:
            with place.talking:  # a descriptor closed under a reader may be another's by then
                place.connection.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return code

    def _told(self, seconds: float, image: bytes | None = None) -> Reply | None:
        """What the unit says to an image, or to nothing; waits for a free place."""
        place = self._free.get()
        try:
            return self._hear(place, seconds, image=image, asked=True)
        finally:
            self._free.put(place)

    def _hear(
        self, place: Place, seconds: float, *, image: bytes | None = None, asked: bool = False
    ) -> Reply | None:
        with place.talking:
            try:
                place.connection.settimeout(seconds)
                if image is not None:
                    place.area[: len(image)] = image
                if asked:
                    send_length(place.connection, PING if image is None else len(image))
                reply = receive_reply(place.connection)
            except OSError as error:
                raise UnitLostError from error
        self._heard_at = time.monotonic()
        return reply


def places_for(threads: int) -> int:
    """Images at once that keep so many threads busy.

    One network on two cores leaves both idle half of the time between its layers, and while a
    picture is decoded; two images at a time fill them.
    """
    return min(threads, _MOST_PLACES)


def _command(model: Path, threads: int, sockets: Sequence[int], memory: int) -> list[str]:
    return [
        *(sys.executable, "-P", "-m", "lensmith.serving.worker"),
        *("--sockets", *map(str, sockets)),
        *("--memory", str(memory)),
        *("--model", str(model)),
        *("--threads", str(threads)),
    ]
