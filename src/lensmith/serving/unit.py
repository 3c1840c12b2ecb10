"""Server side of one inference unit: its process and its image slots."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from lensmith.domain.errors import InternalServerError, LensmithError
from lensmith.domain.label import Prediction
from lensmith.domain.precision import Precision, Served
from lensmith.processes import child_process
from lensmith.serving import shared_memory
from lensmith.serving.image_slot import ImageSlot, TimedReply, UnitLostError
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
from lensmith.serving.shared_memory import BUFFERS_PER_SLOT
from lensmith.serving.unit_command import (
    InheritedOptions,
    Listening,
    unit_command,
    unit_program,
)

log = logging.getLogger(__name__)

# The network has threads of its own; numpy's would only cost start time and memory.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# A unit reads strangers' pictures and needs no setting: keys and passwords stay with its parent.
_WITHHELD = ("AWS_", "LENSMITH_", "PG", "RAY_", "VAULT_")

_MAX_SLOTS = 4  # each costs the memory of a network's intermediate results


class ModelUnusableError(LensmithError):
    """The unit cannot load its model; the message says why."""


class ModelAwayError(LensmithError):
    """The unit cannot reach now what it needs to load its model."""


@dataclass(frozen=True, slots=True)
class UnitReply:
    """The unit's reply to one image, with the thresholds of its model."""

    timed: TimedReply
    thresholds: Mapping[str, float]

    @property
    def seconds(self) -> float:
        """Seconds that the unit spent on the image."""
        return self.timed.seconds

    def prediction(self) -> Prediction:
        """Return the detections; raises the unit's ServiceError about the image."""
        match self.timed.reply:
            case Answer(detections):
                return Prediction(detections, self.thresholds)
            case Refused() as refusal:
                raise refusal.as_error()
            case _:
                raise InternalServerError


class Unit:
    """A worker process that predicts one image per slot at once."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        control: socket.socket,
        slots: Sequence[ImageSlot],
        port: int | None = None,
    ) -> None:
        self.port = port
        """The port at which other servers reach it; None: they do not."""
        self._process = process
        self._control = control
        self._control_lock = threading.Lock()
        self._slots = tuple(slots)
        self._thresholds: Mapping[str, float] = {}
        self._served: Served | None = None
        self._last_reply_at = time.monotonic()
        self.connections = 0
        """The connections of other servers that the last ping found."""

    @classmethod
    def launch(
        cls,
        model: Path,
        threads: int,
        log: Path,
        data_key: bytes | None = None,
        precision: Precision | None = None,
        listening: Listening | None = None,
    ) -> Unit:
        """Start the process; call `await_ready` before `predict`. Raises OSError.

        With `listening` it answers other servers, too. `precision` is served instead of the one
        that the rule chooses. `data_key` decrypts a sealed model. The process gets it by a pipe,
        and it stays in memory.
        """
        with ExitStack() as child_ends, ExitStack() as on_failure:
            memory = shared_memory.allocate(slots_for(threads))
            child_ends.callback(os.close, memory)

            def pair() -> tuple[socket.socket, int]:
                # Pairs instead of a named socket: no other process can connect.
                server, child = socket.socketpair()
                return on_failure.enter_context(server), child_ends.enter_context(child).fileno()

            control, *inherited = pair()
            slots = []
            for buffers in shared_memory.map_buffers(memory):
                server_end, child_end = pair()
                inherited.append(child_end)
                slots.append(ImageSlot(server_end, buffers))
            options = InheritedOptions(child_ends)
            options.add("--data-key", data_key)
            port = None if listening is None else options.add_listening(listening)
            program = unit_program(data_key, listening)
            command = unit_command(program, model, threads, inherited, memory, precision)
            process = child_process.spawn(
                [*command, *options.words],
                _ENVIRONMENT,
                log,
                pass_fds=(*inherited, memory, *options.descriptors),
                withheld=_WITHHELD,
            )
            on_failure.pop_all()
        return cls(process, control, slots, port)

    @property
    def slots(self) -> int:
        """Number of images it works on at once."""
        return len(self._slots)

    @property
    def prefetch(self) -> int:
        """Number of further images that it queues."""
        return len(self._slots) * (BUFFERS_PER_SLOT - 1)

    @property
    def served(self) -> Served | None:
        """The variant of the model that it serves; None until it is ready."""
        return self._served

    @property
    def seconds(self) -> float:
        """Seconds of the network for a picture, as it measured them; 0 until it is ready."""
        return 0.0 if self._served is None else self._served.seconds

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_idle(self) -> bool:
        """Whether it has no image of this process."""
        return all(slot.free_buffers == BUFFERS_PER_SLOT for slot in self._slots)

    @property
    def silent_seconds(self) -> float:
        """Seconds since its last reply."""
        last_reply_at = max(self._last_reply_at, *(slot.last_reply_at for slot in self._slots))
        return time.monotonic() - last_reply_at

    def await_ready(self, seconds: float) -> None:
        """Block until the model is loaded; raises ModelUnusableError or UnitLostError."""
        match self._receive(seconds):
            case Ready(thresholds, served):
                self._thresholds, self._served = thresholds, served
                for each in served.dropped:
                    log.warning(
                        "Unit %d serves %s: %s in %s was dropped. %s",
                        *(self.pid, served.precision, each.precision, each.runtime, each.reason),
                    )
            case Unusable(reason):
                raise ModelUnusableError(reason)
            case _:
                raise UnitLostError

    async def predict(self, image: bytes, seconds: float) -> UnitReply:
        """Predict an image file of at most MAX_IMAGE_BYTES bytes.

        Raises UnitLostError if it takes more than `seconds`; kill the unit then. At most
        `slots` + `prefetch` calls may run at once, all in one event loop.
        """
        slot = max(self._slots, key=attrgetter("free_buffers"))
        return UnitReply(await slot.predict(image, seconds), self._thresholds)

    def ping(self, seconds: float) -> None:
        """Block until the unit answers a ping; raises UnitLostError if it does not."""
        match self._receive(seconds, ping=True):
            case Alive(connections):
                self.connections = connections
            case _:
                raise UnitLostError

    def shut_down(self) -> None:
        """Shut down the connections: the process ends after the image it works on."""
        with suppress(OSError):  # the unit closed it first
            self._control.shutdown(socket.SHUT_RDWR)
        for slot in self._slots:
            slot.shut_down()

    def lose(self) -> None:
        """Kill the process: it failed with an image."""
        self.kill()

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def wait(self) -> int:
        """Block until the process ended, free its sockets and buffers, return its exit code."""
        code = self._process.wait()
        self.shut_down()
        with self._control_lock:  # a descriptor closed under a reader may be another's by then
            self._control.close()
        for slot in self._slots:
            slot.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return code

    def _receive(self, seconds: float, *, ping: bool = False) -> Reply | None:
        with self._control_lock:
            try:
                self._control.settimeout(seconds)
                if ping:
                    send_ping(self._control)
                reply = receive_reply(self._control)
            except OSError as error:
                raise UnitLostError from error
        self._last_reply_at = time.monotonic()
        return reply


def slots_for(threads: int) -> int:
    """Compute the number of images at once that keep `threads` threads busy.

    One network on two cores leaves both idle half of the time between its layers, and while an
    image is decoded; two images at a time fill them.
    """
    return min(threads, _MAX_SLOTS)
