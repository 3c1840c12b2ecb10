"""Builds the command that starts a unit, and what its process inherits."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lensmith.domain.port_range import PortRange
from lensmith.domain.precision import Precision


@dataclass(frozen=True, slots=True)
class Listening:
    """How other servers reach a unit that is launched."""

    host: str
    credentials: bytes = field(repr=False)  # certificate and key of TLS, PEM
    version_id: int
    ports: PortRange | None = None  # None: any that is free


class InheritedOptions:
    """Options of a unit's command that name descriptors which it inherits."""

    def __init__(self, child_ends: ExitStack) -> None:
        """`child_ends` closes them here."""
        self._child_ends = child_ends
        self.words: list[str] = []
        self.descriptors: list[int] = []

    def add(self, option: str, secret: bytes | None) -> None:
        """Pass a secret by a pipe, where there is one."""
        if secret is not None:
            self._add(option, _pipe_with(secret))

    def add_listening(self, listening: Listening) -> int:
        """Bind a free port, which listens from here on, and return it; raises OSError."""
        with _bound(listening) as server:
            port = int(server.getsockname()[1])
            self._add("--listen", server.detach())
        self.add("--credentials", listening.credentials)
        self.words += ["--version", str(listening.version_id)]
        return port

    def _add(self, option: str, descriptor: int) -> None:
        self._child_ends.callback(os.close, descriptor)
        self.descriptors.append(descriptor)
        self.words += [option, str(descriptor)]


def _bound(listening: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in listening.host else socket.AF_INET
    if listening.ports is None:
        return socket.create_server((listening.host, 0), family=family)
    for port in listening.ports.in_turn():
        try:
            return socket.create_server((listening.host, port), family=family)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(
        errno.EADDRINUSE, f"every port of LENSMITH_UNITS_PORTS, {listening.ports}, is taken"
    )


def _pipe_with(data: bytes) -> int:
    """Return the reading end of a pipe that holds these few bytes."""
    reading, writing = os.pipe()
    try:
        os.write(writing, data)
    finally:
        os.close(writing)
    return reading


def unit_program(data_key: bytes | None, listening: Listening | None) -> str:
    if listening is not None:
        return "remote.worker"
    return "worker" if data_key is None else "sealed_worker"


def unit_command(
    program: str,
    model: Path,
    threads: int,
    sockets: Sequence[int],
    memory: int,
    precision: Precision | None,
) -> list[str]:
    """Build the unit's command; `sockets` are the control socket, then one for each slot."""
    return [
        *(sys.executable, "-P", "-m", f"lensmith.serving.{program}"),
        *("--sockets", *map(str, sockets)),
        *("--memory", str(memory)),
        *("--model", str(model)),
        *("--threads", str(threads)),
        *(() if precision is None else ("--precision", precision)),
    ]
