"""Pictures of a review: the prediction, the answer, the state of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.review import ImageState
from lensmith.store.records.review_tables import review_images

_LISTED = 500  # values in one IN list
_STREAMED = 500  # rows held at once
_BORDER = "\n"  # no label has one


@dataclass(frozen=True, slots=True)
class ReviewedImage:
    position: int
    source_ref: str
    state: ImageState
    uncertainty: float  # 0..1
    prediction: bytes  # JSON
    answer: bytes | None  # JSON
    answered_ms: int | None


@dataclass(frozen=True, slots=True)
class Predicted:
    """A picture on its way into a review."""

    position: int
    source_ref: str
    state: ImageState  # pending or unreadable
    uncertainty: float
    labels: Sequence[str]
    prediction: bytes  # JSON


def add(connection: Connection, review_id: int, found: Sequence[Predicted]) -> None:
    rows = [
        {
            "review_id": review_id,
            "position": one.position,
            "source_ref": one.source_ref,
            "state": one.state.value,
            "uncertainty": one.uncertainty,
            "predicted": f"{_BORDER}{_BORDER.join(dict.fromkeys(one.labels))}{_BORDER}",
            "prediction": one.prediction,
        }
        for one in found
    ]
    if rows:
        connection.execute(insert(review_images), rows)


def source_refs(connection: Connection, review_id: int) -> set[str]:
    query = select(review_images.c.source_ref).where(review_images.c.review_id == review_id)
    return set(connection.execute(query).scalars())


def keep_most_uncertain(connection: Connection, review_id: int, limit: int) -> None:
    """Remove all but the `limit` most uncertain pictures, and those that nothing can be said of."""
    images = review_images.c
    kept = (
        select(images.position)
        .where(images.review_id == review_id, images.state != ImageState.UNREADABLE.value)
        .order_by(images.uncertainty.desc(), images.position)
        .limit(limit)
    )
    connection.execute(
        delete(review_images).where(
            images.review_id == review_id,
            images.state != ImageState.UNREADABLE.value,
            images.position.not_in(list(connection.execute(kept).scalars())),
        )
    )


def counts(connection: Connection, review_id: int) -> dict[ImageState, int]:
    """Count the pictures in each state."""
    query = (
        select(review_images.c.state, func.count())
        .where(review_images.c.review_id == review_id)
        .group_by(review_images.c.state)
    )
    found: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    return {state: found.get(state.value, 0) for state in ImageState}


def waiting(connection: Connection, review_id: int) -> dict[str, int]:
    """Count the pending pictures by predicted label; "" stands for no prediction."""
    query = select(review_images.c.predicted, func.count()).where(
        review_images.c.review_id == review_id,
        review_images.c.state == ImageState.PENDING.value,
    )
    counted: Counter[str] = Counter()
    for predicted, count in connection.execute(query.group_by(review_images.c.predicted)):
        for label in predicted[1:-1].split(_BORDER):
            counted[label] += count
    return dict(counted)


def page(
    connection: Connection,
    review_id: int,
    *,
    states: Collection[ImageState],
    label: str | None,
    offset: int,
    limit: int,
) -> tuple[int, list[ReviewedImage]]:
    """Count the pictures in these states and return some, the most uncertain first.

    `label` is one that the model predicted; "" stands for pictures without a prediction.
    """
    images = review_images.c
    where: list[ColumnElement[bool]] = [
        images.review_id == review_id,
        images.state.in_([state.value for state in states]),
    ]
    if label == "":
        where.append(images.predicted == _BORDER * 2)
    elif label is not None:
        bordered = f"{_BORDER}{label}{_BORDER}"
        where.append(images.predicted.contains(bordered, autoescape=True))
    total = connection.execute(
        select(func.count()).select_from(review_images).where(*where)
    ).scalar_one()
    query = select(review_images).where(*where)
    query = query.order_by(images.uncertainty.desc(), images.position)
    rows = connection.execute(query.offset(offset).limit(limit))
    return int(total), [_image(row) for row in rows]


def find(
    connection: Connection, review_id: int, source_refs: Sequence[str]
) -> dict[str, ReviewedImage]:
    """Find pictures by their source-ref."""
    query = select(review_images).where(review_images.c.review_id == review_id)
    return {
        row.source_ref: _image(row)
        for start in range(0, len(source_refs), _LISTED)
        for row in connection.execute(
            query.where(review_images.c.source_ref.in_(source_refs[start : start + _LISTED]))
        )
    }


def in_states(
    connection: Connection, review_id: int, states: Collection[ImageState]
) -> Iterator[ReviewedImage]:
    """Yield the pictures in these states in the order in which they were found."""
    query = (
        select(review_images)
        .where(
            review_images.c.review_id == review_id,
            review_images.c.state.in_([state.value for state in states]),
        )
        .order_by(review_images.c.position)
    )
    for row in connection.execute(query, execution_options={"yield_per": _STREAMED}):
        yield _image(row)


def answer(
    connection: Connection, review_id: int, position: int, state: ImageState, given: bytes | None
) -> None:
    connection.execute(
        update(review_images)
        .where(review_images.c.review_id == review_id, review_images.c.position == position)
        .values(
            state=state.value,
            answer=given,
            answered_ms=None if state is ImageState.PENDING else now_ms(),
        )
    )


def _image(row: Row[Any]) -> ReviewedImage:
    return ReviewedImage(
        row.position,
        row.source_ref,
        ImageState(row.state),
        row.uncertainty,
        bytes(row.prediction),
        None if row.answer is None else bytes(row.answer),
        row.answered_ms,
    )
