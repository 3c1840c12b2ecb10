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
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from lensmith.domain.errors import InternalServerError, LensmithError
from lensmith.domain.label import Prediction
from lensmith.processes import child_process
from lensmith.serving import shared_memory
from lensmith.serving.place import Heard, Place, UnitLostError
from lensmith.serving.protocol import (
    Alive,
    Answer,
    Ready,
    Refused,
    Reply,
    Unusable,
    receive_reply,
    send_ping,
)
from lensmith.serving.shared_memory import FILES

# The network has threads of its own; numpy's would only cost start time and memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

_MOST_PLACES = 4  # each costs the memory of a network's intermediate results


class ModelUnusableError(LensmithError):
    """The unit says that its model cannot be loaded; the message says why."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one image."""

    heard: Heard
    thresholds: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """For how long the unit was busy with it."""
        return self.heard.seconds

    def prediction(self) -> Prediction:
        """What the model saw; raises the unit's ServiceError about the image."""
        match self.heard.reply:
            case Answer(detections):
                return Prediction(detections, self.thresholds)
            case Refused() as refusal:
                raise refusal.as_error()
            case _:
                raise InternalServerError


class Unit:
    """A worker process that looks at as many images at once as it has places."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: socket.socket,
        places: Sequence[Place],
    ) -> None:
        self._process = process
        self._control = control
        self._talking = threading.Lock()  # on the control socket
        self._places = tuple(places)
        self._thresholds: Mapping[str, float] = {}
        self._heard_at = time.monotonic()

    @classmethod
    def launch(cls, model: Path, threads: int, log: Path) -> Unit:
        """Start the process; it is of use once `await_ready` returned. Raises OSError."""
        with ExitStack() as theirs, ExitStack() as failing:
            memory = shared_memory.reserve(places_for(threads))
            theirs.callback(os.close, memory)

            def pair() -> tuple[socket.socket, int]:
                # Pairs instead of a named socket: nobody else can connect.
                ours, other = socket.socketpair()
                return failing.enter_context(ours), theirs.enter_context(other).fileno()

            control, *inherited = pair()
            places = []
            for areas in shared_memory.areas(memory):
                ours, other = pair()
                inherited.append(other)
                places.append(Place(ours, areas))
            command = _command(model, threads, inherited, memory)
            process = child_process.spawn(command, _ENVIRONMENT, log, pass_fds=(*inherited, memory))
            failing.pop_all()
        return cls(process, control, places)

    @property
    def places(self) -> int:
        """How many images it looks at at once."""
        return len(self._places)

    @property
    def ahead(self) -> int:
        """How many more may wait in it, to be looked at next."""
        return len(self._places) * (FILES - 1)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def silent_seconds(self) -> float:
        """Since it last said something."""
        heard_at = max(self._heard_at, *(place.heard_at for place in self._places))
        return time.monotonic() - heard_at

    def await_ready(self, seconds: float) -> None:
        """Block until the model is loaded; raises ModelUnusableError or UnitLostError."""
        match self._hear(seconds):
            case Ready(thresholds):
                self._thresholds = thresholds
            case Unusable(reason):
                raise ModelUnusableError(reason)
            case _:
                raise UnitLostError

    async def ask(self, image: bytes, seconds: float) -> Look:
        """Have an image file looked at, of LARGEST_FILE bytes at most.

        Raises UnitLostError when it takes too long; the unit is then of no further use. No more
        may ask at once than there are places and room to wait, all in one event loop.
        """
        place = max(self._places, key=attrgetter("free"))
        return Look(await place.ask(image, seconds), self._thresholds)

    def ping(self, seconds: float) -> None:
        """Block until the unit says that it is alive; raises UnitLostError when it does not."""
        if not isinstance(self._hear(seconds, asked=True), Alive):
            raise UnitLostError

    def dismiss(self) -> None:
        """Hang up: the process ends when it has answered what it was asked."""
        with suppress(OSError):  # it hung up first
            self._control.shutdown(socket.SHUT_RDWR)
        for place in self._places:
            place.hang_up()

    def kill(self) -> None:
        """End the process whatever it does."""
        self._process.kill()

    def wait(self) -> int:
        """Block until the process ended; returns its exit code and frees what was held for it."""
        code = self._process.wait()
        self.dismiss()
        with self._talking:  # a descriptor closed under a reader may be another's by then
            self._control.close()
        for place in self._places:
            place.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return code

    def _hear(self, seconds: float, *, asked: bool = False) -> Reply | None:
        with self._talking:
            try:
                self._control.settimeout(seconds)
                if asked:
                    send_ping(self._control)
                reply = receive_reply(self._control)
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
    """`sockets`: to greet on, then one for each place."""
    return [
        *(sys.executable, "-P", "-m", "lensmith.serving.worker"),
        *("--sockets", *map(str, sockets)),
        *("--memory", str(memory)),
        *("--model", str(model)),
        *("--threads", str(threads)),
    ]
