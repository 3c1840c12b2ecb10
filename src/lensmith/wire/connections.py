"""Caps the connections of one server and keeps room for callers that sign."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from lensmith.domain.errors import StartupError

_log = structlog.get_logger(__name__)

_LOG_SECONDS = 10.0  # between two lines about a full server
_OTHER_FILES = 150  # records, pipes and sockets of child processes, logs, the object store
_MIN_FILES = 200
_MAX_CONNECTIONS = 4096


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """Limits what a client may cost before it proved a caller."""

    head_bytes: int = 64 << 10
    headers: int = 100
    seconds: float = 20.0  # for a head to come
    stall_seconds: float = 240.0  # of a client that takes nothing of a reply


class Connection(Protocol):
    """One connection of a client."""

    @property
    def eviction_rank(self) -> tuple[bool, float] | None:
        """Lower goes first: whether it proved a caller, since when it waits; None: in use."""

    def evict(self) -> None:
        """Close it at once."""


@dataclass(slots=True)
class Connections:
    """The open connections. Bound to one event loop."""

    limit: int
    _open: set[Connection] = field(default_factory=set)
    _closed: int = 0  # since the last line of the log
    _refused: int = 0
    _logged_at: float = float("-inf")

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection) -> bool:
        """Add a connection, closing another one if they are too many; False: there is no room.

        Connections that wait for their clients are closed, the longest waiting first, and those
        that proved a caller last; a call that is being answered is never broken off.
        """
        if len(self._open) >= self.limit and not self._make_room():
            self._refused += 1
            self._log()
            return False
        self._open.add(connection)
        return True

    def __iter__(self) -> Iterator[Connection]:
        return iter([*self._open])

    def discard(self, connection: Connection) -> None:
        self._open.discard(connection)

    def _make_room(self) -> bool:
        ranked = [(rank, one) for one in self._open if (rank := one.eviction_rank) is not None]
        if not ranked:
            return False
        _, idlest = min(ranked, key=lambda pair: pair[0])
        self._open.discard(idlest)
        idlest.evict()
        self._closed += 1
        self._log()
        return True

    def _log(self) -> None:
        if time.monotonic() - self._logged_at < _LOG_SECONDS:
            return
        _log.warning(
            "connections at their limit",
            limit=self.limit,
            closed_idle=self._closed,
            refused=self._refused,
            setting="LENSMITH_MAX_CONNECTIONS, or ulimit -n",
        )
        self._logged_at = time.monotonic()
        self._closed = self._refused = 0


def connection_limit(wanted: int) -> int:
    """Return how many connections this process can hold beside its other files.

    `wanted` is 0 for as many as sensible. Raises the soft limit of open files to the hard one.
    Raises StartupError if it allows too few files to serve at all, or fewer than wanted.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = _MAX_CONNECTIONS + _OTHER_FILES if hard == resource.RLIM_INFINITY else hard
    if files < _MIN_FILES:
        raise StartupError(
            f"This process may open {files} files only; the server needs at least {_MIN_FILES}. "
            f"Raise the limit: ulimit -n 4096, or LimitNOFILE= of a systemd unit."
        )
    if wanted > files - _OTHER_FILES:
        raise StartupError(
            f"LENSMITH_MAX_CONNECTIONS={wanted} needs {wanted + _OTHER_FILES} open files; this "
            f"process may open {files}. Raise the limit with ulimit -n, or name fewer."
        )
    return wanted or min(files - _OTHER_FILES, _MAX_CONNECTIONS)
