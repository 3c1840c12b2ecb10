"""The files of one hosted model on this machine, which its units load."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from lensmith.domain.errors import ObjectStoreError
from lensmith.store.unreadable_folder import FolderAwayError, UnreadableFolderError

log = logging.getLogger(__name__)

_FIRST_PAUSE_SECONDS = 0.5
_MAX_PAUSE_SECONDS = 15.0


class ModelFolder:
    """Fetches a model in a thread of its own and keeps it here until `release`.

    A store that is away is waited for.
    """

    def __init__(
        self,
        artefact: str | None,
        using: Callable[[], AbstractContextManager[Path]],
        changed: Callable[[], None],
    ) -> None:
        """Begin to fetch; `changed` is called when the files are here, or can never be.

        `artefact` is the digest of the folder that `using` gives.
        """
        self.artefact = artefact
        self._using = using
        self._changed = changed
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._held = ExitStack()
        self.path: Path | None = None
        """Where the files are; None until they are here."""
        self.failure: str | None = None
        """Why they cannot be read."""
        threading.Thread(target=self._fetch, name="model files", daemon=True).start()

    def release(self) -> None:
        """Let the files go: they may be removed from this machine."""
        with self._lock:
            self._released.set()
            self._held.close()

    def _fetch(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._released.is_set():
            try:
                self._hold()
                return
            except (FolderAwayError, ObjectStoreError, OSError) as error:
                log.warning("The files of a model cannot be fetched yet: %s", error)
            except UnreadableFolderError as error:
                self.failure = str(error)
                self._changed()
                return
            self._released.wait(pause)
            pause = min(2 * pause, _MAX_PAUSE_SECONDS)

    def _hold(self) -> None:
        with ExitStack() as opened:
            path = opened.enter_context(self._using())
            with self._lock:
                if not self._released.is_set():
                    self._held = opened.pop_all()
                    self.path = path
        self._changed()
