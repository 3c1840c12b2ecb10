"""Holds the process of one training on a node of a Ray cluster: its parent there.

An actor of this class is made by `ray_processes`. It stays light: PyTorch is in the child alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from lensmith import __version__
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError
from lensmith.processes import child_process
from lensmith.training.job.local_processes import spawn, stop

_NEEDED = ("LENSMITH_HOME", "LENSMITH_RECORDS_URL", "LENSMITH_S3_ENDPOINT_URL")


class UnfitNodeError(LensmithError):
    """The node cannot run trainings of this server; the message says why."""


class RemoteTraining:
    """Starts the process of a claimed job at once, and ends with it."""

    def __init__(self, release: str, job_id: int, fence: int, choices: Mapping[str, str]) -> None:
        """Take the server's choices about trainings; all else is in the node's environment.

        Raises UnfitNodeError and OSError, which end the actor.
        """
        self._settings = _settings_for(release, choices)
        if not self._settings.training_threads:  # then all of the node's, not what is reserved
            os.environ.pop("OMP_NUM_THREADS", None)
        self._job_id = job_id
        self._fence = fence
        self._process: child_process.Child | None = None
        self._began = threading.Event()
        self._ended = threading.Event()
        self._error: Exception | None = None
        # The kernel ends the process with the thread that started it.
        threading.Thread(target=self._run, name="training", daemon=True).start()
        self._began.wait()
        if self._error is not None:
            raise self._error

    def wait(self, seconds: float) -> int | None:
        """Return the exit code of the process once it has ended and its files are gone.

        None if it goes on after `seconds`: calls of servers that are gone must come to an end.
        """
        if not self._ended.wait(seconds):
            return None
        assert self._process is not None
        return int(self._process.returncode)

    def cancel(self) -> None:
        """End the process; returns when it is gone."""
        if self._process is not None:
            stop(self._process)
        self._ended.wait()

    def _run(self) -> None:
        settings, job_id, fence = self._settings, self._job_id, self._fence
        try:
            self._process = spawn(settings, job_id, fence, ["--sweep"])
        except OSError as error:
            self._error = error
            return
        finally:
            self._began.set()
        self._process.wait()
        try:
            from lensmith.training.job.workspace import Workspace  # more than an actor needs before

            Workspace.of(settings, job_id, fence).remove()
        finally:
            self._ended.set()


def _settings_for(release: str, choices: Mapping[str, str]) -> Settings:
    """Read this node's settings; raises UnfitNodeError."""
    if release != __version__:
        raise UnfitNodeError(f"The Ray node has Lensmith {__version__}, the server {release}.")
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        raise UnfitNodeError(
            f"{', '.join(missing)} must be set on this node: trainings need the settings that "
            "all Lensmith servers share, in the environment of `ray start`."
        )
    try:
        return Settings.from_environment({**os.environ, **choices})
    except ValueError as error:
        raise UnfitNodeError(f"The settings of the Ray node: {error}") from None
