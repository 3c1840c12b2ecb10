"""One inference unit that other servers reach: `python -m lensmith.serving.remote.worker`.

It also serves the server of its own machine by shared memory, as `serving.worker` does; both count
against one capacity.
"""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from lensmith.domain.readable import Folder
from lensmith.serving.protocol import Busy, Ready, Reply
from lensmith.serving.remote.capacity import Capacity, UnitFullError
from lensmith.serving.remote.frames import Welcome
from lensmith.serving.remote.listener import Listener
from lensmith.serving.remote.tls import accepting_context
from lensmith.serving.shared_memory import BUFFERS_PER_SLOT
from lensmith.serving.worker import Answering, main
from lensmith.store.sealed.file import SealedFolder

_HUNG_SECONDS = 20.0  # of one prediction: as a server that waits for it sees it
_DRAIN_SECONDS = 20.0


def open_model(arguments: argparse.Namespace) -> Folder:
    """Open the model; a sealed one's data key is in a pipe."""
    model: Folder = arguments.model
    if arguments.data_key is None:
        return model
    with os.fdopen(arguments.data_key, "rb") as pipe:
        return SealedFolder(arguments.model, pipe.read())


@contextmanager
def shared(
    arguments: argparse.Namespace, ready: Ready, answer: Callable[[memoryview], Reply]
) -> Iterator[Answering]:
    """Listen while the block runs; yields how requests of this machine are answered."""
    slots = len(arguments.sockets) - 1
    capacity = Capacity(slots, slots * (BUFFERS_PER_SLOT - 1))
    with os.fdopen(arguments.credentials, "rb") as pipe:
        context = accepting_context(pipe.read())
    welcome = Welcome(arguments.version, ready.thresholds, ready.served, slots)
    listening = socket.socket(fileno=arguments.listen)
    listener = Listener(listening, context, welcome, answer, capacity)
    listener.start()
    try:
        yield Answering(
            partial(_seated, capacity, answer),
            lambda: capacity.longest_seconds > _HUNG_SECONDS,
            lambda: listener.connections,
        )
    finally:
        listener.close(_DRAIN_SECONDS)


def _seated(capacity: Capacity, answer: Callable[[memoryview], Reply], image: memoryview) -> Reply:
    try:
        with capacity.seat(), capacity.slot():
            return answer(image)
    except UnitFullError:
        return Busy()


if __name__ == "__main__":
    main(open_model, shared)
