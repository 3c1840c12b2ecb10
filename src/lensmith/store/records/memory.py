"""Answers that every call asks for, kept for as long as nothing is committed.

SQLite tells cheaply whether anybody, in this process or another, committed something. So what is
answered from memory is what the records say at this moment: a key that was withdrawn stops working
with the next call. PostgreSQL tells nothing of the kind and is asked every time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, PoolProxiedConnection

from lensmith.domain.errors import LensmithError

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

Question = Callable[[Connection, K], T]
"""A look into the records; what it returns is shared and must not be changed."""

Read = Callable[[], AbstractContextManager[Connection]]

_MOST_ANSWERS = 1024


class NotAtHandError(LensmithError):
    """The records would have to be read, and whoever asks must not wait for that."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read after the records were seen at some version."""

    version: int
    answers: dict[tuple[Question[Any, Any], Hashable], Any] = field(default_factory=dict)


_at_hand: ContextVar[_Known | None] = ContextVar("at_hand", default=None)


class Memory:
    """Asks the records anew only when they have changed; safe to share between threads."""

    def __init__(self, engine: Engine, read: Read) -> None:
        self._read = read
        self._version = _Version(engine) if engine.dialect.name == "sqlite" else None
        self._known = _Known(-1)

    def ask(self, question: Question[K, T], about: K) -> T:
        """What `question` answers now."""
        at_hand = _at_hand.get()
        known = self._known_now() if at_hand is None else at_hand
        answer: T | None = known.answers.get((question, about))
        if answer is not None:
            return answer
        if at_hand is not None:
            raise NotAtHandError
        return self._learn(known, question, about)

    def at_hand(self) -> Callable[[], AbstractContextManager[None]]:
        """Blocks in which all answers are of this moment, and nothing is read."""
        return partial(_only, self._known_now())

    def close(self) -> None:
        if self._version is not None:
            self._version.close()

    def _known_now(self) -> _Known:
        if self._version is None:
            return _Known(-1)
        version = self._version.now()
        known = self._known
        if known.version != version:
            known = self._known = _Known(version)
        return known

    def _learn(self, known: _Known, question: Question[K, T], about: K) -> T:
        answer = self._look(question, about)
        if len(known.answers) >= _MOST_ANSWERS:
            known.answers.clear()
        if answer is not None:  # anybody can ask for keys that do not exist
            known.answers[question, about] = answer
        return answer

    def _look(self, question: Question[K, T], about: K) -> T:
        with self._read() as connection:
            return question(connection, about)


@contextmanager
def _only(known: _Known) -> Iterator[None]:
    before = _at_hand.set(known)
    try:
        yield
    finally:
        _at_hand.reset(before)


class _Version:
    """A number that changes with every commit; on a connection of its own, which never writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            cursor = self._connection.cursor()
            cursor.execute("PRAGMA data_version")
            return int(cursor.fetchall()[0][0])

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
