"""Answers to changes that were saved, by the request's own id."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from lensmith.domain.clock import now_ms
from lensmith.store.records.tables import saved_changes

KEPT_MS = 24 * 3600 * 1000


def answer(connection: Connection, dataset_id: int, request_id: str) -> bytes | None:
    """Return the answer that the request got when it came first; None when it is new."""
    query = select(saved_changes.c.answer).where(
        saved_changes.c.dataset_id == dataset_id, saved_changes.c.request_id == request_id
    )
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)


def put(connection: Connection, dataset_id: int, request_id: str, answer: bytes) -> None:
    """Keep an answer for a day."""
    now = now_ms()
    connection.execute(
        delete(saved_changes).where(
            saved_changes.c.dataset_id == dataset_id, saved_changes.c.created_ms < now - KEPT_MS
        )
    )
    connection.execute(
        insert(saved_changes).values(
            dataset_id=dataset_id, request_id=request_id, answer=answer, created_ms=now
        )
    )
