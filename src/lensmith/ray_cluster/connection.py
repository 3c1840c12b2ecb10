"""Keeps the one connection of this process to a Ray cluster, and makes it again when it breaks."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog

from lensmith.processes.periodic import PeriodicThread
from lensmith.ray_cluster.errors import ClusterAwayError, ClusterRefusedError
from lensmith.ray_cluster.token import check_accepted, check_enforced, has_token, use_token

NAMESPACE = "lensmith"
"""In which actors have their names, whichever server starts them."""

_SCHEME = "ray://"
_PAUSE = 2.0  # seconds between two looks at the connection

# Read by Ray when it is imported. Calls during a short break wait for it; a task lives on through
# it. Nothing may start a cluster of its own, or tell Ray's makers about it.
_ENVIRONMENT = {
    "RAY_CLIENT_RECONNECT_GRACE_PERIOD": "30",  # seconds
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection: tasks, and actors that are not detached, end with it."""

    number: int  # one more with each new connection
    ray: Any
    """The module `ray`; its calls block while the connection is interrupted, for 30 s at most."""


class RayConnection:
    """One a process, because Ray has one. Thread-safe."""

    def __init__(self, address: str, token_file: str = "", pause_seconds: float = _PAUSE) -> None:
        """Name the cluster as `ray://HOST:PORT`; nothing is imported yet."""
        self._address = address.removeprefix(_SCHEME)
        self._token_file = token_file
        self._session: Session | None = None
        self._sessions = 0
        self._reason = ""  # why the last attempt to connect failed
        self._connected = threading.Event()
        self._thread = PeriodicThread("cluster", self._look, pause_seconds)

    def start(self) -> None:
        """Check the cluster and begin to connect.

        A cluster that does not answer is waited for, in a thread. Raises ClusterRefusedError
        without Ray or a token, and if the cluster refuses the token or takes every one.
        """
        if importlib.util.find_spec("ray") is None:
            raise ClusterRefusedError(
                "A cluster needs Ray, which is not installed: pip install 'lensmith[ray]'"
            )
        os.environ.update({name: os.environ.get(name, it) for name, it in _ENVIRONMENT.items()})
        use_token(self._token_file)
        if not has_token():
            raise ClusterRefusedError(
                "A cluster needs a token: name the file with it by LENSMITH_CLUSTER_TOKEN_FILE. "
                "`ray get-auth-token --generate` makes one."
            )
        try:
            self._check()
        except ClusterAwayError as error:
            _log.warning("cluster not connected", reason=str(error))
            self._reason = str(error)
        self._thread.start()

    def stop(self) -> None:
        """Disconnect; tasks of this process end."""
        self._thread.stop()
        self._drop()

    def wait(self, timeout: float) -> bool:
        """Return whether there is a connection within these seconds."""
        return self._connected.wait(timeout)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give the connection for a few calls; raises ClusterAwayError without one.

        Also, if it breaks meanwhile, in place of Ray's own error.
        """
        session = self._session
        if session is None:
            raise ClusterAwayError(f"There is no connection to the Ray cluster {self._address}.")
        try:
            yield session
        except Exception as error:
            if self._session is session and session.ray.is_initialized():
                raise
            raise ClusterAwayError(f"The Ray cluster {self._address}: {error}") from error

    def _look(self) -> None:
        session = self._session
        if session is not None and session.ray.is_initialized():
            return
        if session is not None:
            _log.warning("cluster away", address=self._address)
            self._drop()
        try:
            self._check()
            self._connect()
        except (ClusterAwayError, ClusterRefusedError) as error:
            if str(error) != self._reason:
                _log.warning("cluster not connected", reason=str(error))
            self._reason = str(error)

    def _check(self) -> None:
        check_enforced(self._address)
        check_accepted(self._address)

    def _connect(self) -> None:
        import ray

        try:
            ray.init(
                f"{_SCHEME}{self._address}",
                namespace=NAMESPACE,
                logging_level="ERROR",
                log_to_driver=False,
            )
        except Exception as error:
            ray.shutdown()
            # The last line says it; those before are of the other machine.
            reason = str(error).strip().rpartition("\n")[2]
            raise ClusterAwayError(f"The Ray cluster at {self._address}: {reason}") from error
        self._sessions += 1
        self._reason = ""
        self._session = Session(self._sessions, ray)
        self._connected.set()
        _log.info("cluster connected", address=self._address, session=self._sessions)

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._connected.clear()
        if session is not None:
            session.ray.shutdown()
