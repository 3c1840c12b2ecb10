"""A hosted model's files: fetched in the background, waited for, kept until released."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.support.eventually import until

from lensmith.serving.model_folder import ModelFolder
from lensmith.store.unreadable_folder import FolderAwayError, FolderMissingError

HERE = Path("here")


class Store:
    """Gives what is queued: a folder, or an error."""

    def __init__(self, *answers: Path | Exception) -> None:
        self.answers: SimpleQueue[Path | Exception] = SimpleQueue()
        for answer in answers:
            self.answers.put(answer)
        self.in_use = 0

    @contextmanager
    def using(self) -> Iterator[Path]:
        answer = self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        self.in_use += 1
        yield answer
        self.in_use -= 1


def test_a_store_that_is_away_is_waited_for() -> None:
    store, changes = Store(FolderAwayError("away"), HERE), SimpleQueue[None]()
    folder = ModelFolder("digest", store.using, lambda: changes.put(None))
    changes.get(timeout=60)
    assert (folder.path, folder.failure, store.in_use) == (HERE, None, 1)
    folder.release()
    assert store.in_use == 0


def test_a_folder_that_is_nowhere_is_a_failure() -> None:
    store, changes = Store(FolderMissingError("gone")), SimpleQueue[None]()
    folder = ModelFolder("digest", store.using, lambda: changes.put(None))
    changes.get(timeout=60)
    assert (folder.path, folder.failure) == (None, "gone")


def test_a_release_during_the_fetch_keeps_nothing() -> None:
    store = Store()
    folder = ModelFolder("digest", store.using, lambda: None)
    folder.release()
    store.answers.put(HERE)
    until(store.answers.empty, bool)
    until(lambda: store.in_use, lambda count: not count)
    assert folder.path is None
