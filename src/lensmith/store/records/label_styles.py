"""How the console shows the labels of a dataset; drafts are those that no entry mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from lensmith.store.records.tables import label_styles


@dataclass(frozen=True, slots=True)
class LabelStyle:
    name: str
    color: str | None = None  # #rrggbb
    key: str | None = None  # of the keyboard


def of_dataset(connection: Connection, dataset_id: int) -> list[LabelStyle]:
    """List the styles in the order in which they were written."""
    query = select(label_styles).where(label_styles.c.dataset_id == dataset_id)
    rows = connection.execute(query.order_by(label_styles.c.number, label_styles.c.name))
    return [LabelStyle(row.name, row.color, row.key) for row in rows]


def replace(connection: Connection, dataset_id: int, styles: Sequence[LabelStyle]) -> None:
    """Write all of a dataset's anew."""
    connection.execute(delete(label_styles).where(label_styles.c.dataset_id == dataset_id))
    _add(connection, dataset_id, styles, first=0)


def keep(connection: Connection, dataset_id: int, names: Iterable[str]) -> None:
    """Make drafts of names that have no style yet."""
    known = {style.name for style in of_dataset(connection, dataset_id)}
    last = connection.execute(
        select(func.max(label_styles.c.number)).where(label_styles.c.dataset_id == dataset_id)
    ).scalar()
    fresh = [LabelStyle(name) for name in names if name not in known]
    _add(connection, dataset_id, fresh, first=0 if last is None else last + 1)


def rename(connection: Connection, dataset_id: int, name: str, other: str) -> None:
    """Move the style along with the label, unless the other name has one."""
    known = {style.name for style in of_dataset(connection, dataset_id)}
    if other in known:
        remove(connection, dataset_id, name)
        return
    connection.execute(
        update(label_styles)
        .where(label_styles.c.dataset_id == dataset_id, label_styles.c.name == name)
        .values(name=other)
    )


def remove(connection: Connection, dataset_id: int, name: str) -> None:
    connection.execute(
        delete(label_styles).where(
            label_styles.c.dataset_id == dataset_id, label_styles.c.name == name
        )
    )


def _add(connection: Connection, dataset_id: int, styles: Sequence[LabelStyle], first: int) -> None:
    rows = [
        {
            "dataset_id": dataset_id,
            "name": style.name,
            "number": number,
            "color": style.color,
            "key": style.key,
        }
        for number, style in enumerate(styles, start=first)
    ]
    if rows:
        connection.execute(insert(label_styles), rows)
