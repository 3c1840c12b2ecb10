"""Holds the process of one training on a node of a Ray cluster: its parent there.

An actor of this class is made by `ray_processes`. It stays light: PyTorch is in the child alone.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from lensmith.config import Settings
from lensmith.processes import child_process
from lensmith.training.job.local_processes import spawn, stop

_NEEDED = ("LENSMITH_HOME", "LENSMITH_RECORDS_URL", "LENSMITH_S3_ENDPOINT_URL")


class RemoteTraining:
    """Starts the process of a claimed job at once, and ends with it."""

    def __init__(self, job_id: int, fence: int, choices: Mapping[str, str]) -> None:
        """Take the server's choices about trainings; all else is in the node's environment.

        Raises RuntimeError and OSError, which end the actor.
        """
        missing = [name for name in _NEEDED if not os.environ.get(name)]
        if missing:
            raise RuntimeError(
                f"{', '.join(missing)} must be set on this node: trainings need the settings that "
                "all Lensmith servers share, in the environment of `ray start`."
            )
        self._settings = Settings.from_environment({**os.environ, **choices})
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

    def wait(self) -> int:
        """Return the exit code of the process once it has ended and its files are gone."""
        self._ended.wait()
        assert self._process is not None
        return int(self._process.returncode)

    def cancel(self) -> None:
        """End the process; returns when it is gone."""
        if self._process is not None:
            stop(self._process)
        self._ended.wait()

    def _run(self) -> None:
        settings, job_id = self._settings, self._job_id
        try:
            self._process = spawn(settings, job_id, self._fence, ["--sweep"])
        except OSError as error:
            self._error = error
            return
        finally:
            self._began.set()
        self._process.wait()
        from lensmith.training.job.workspace import Workspace  # imports more than an actor needs

        Workspace.of(settings, job_id).remove()
        self._ended.set()
