"""Makes Label Studio's tasks of its flat exports, CSV and JSON-MIN: a row an annotation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lensmith.manifest.convert.csv_labels import Row

_ENDING = re.compile(r"\.(png|jpe?g|webp|bmp|gif)(\?.*)?$", re.IGNORECASE)
_OF_EXPORT = frozenset(
    {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
)
_MARKS = frozenset({"annotation_id", "annotator", "lead_time"})
_CHOICE = re.compile("choice|label|class|categor|tag", re.IGNORECASE)
_SHAPES = ("rectanglelabels", "polygonlabels")
_CHOICES = "choices"


def is_flat(names: Sequence[str]) -> bool:
    """Return whether these are names of columns, or members, of a flat export."""
    return not _MARKS.isdisjoint(names)


def records_of_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Join the header of a CSV export with each row."""
    return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]


def tasks_of_records(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Make tasks as the JSON export has them; of several rows of one task the last counts.

    Results stand between `id` and `annotator`; where these do not enclose them, columns count that
    are called after labels, and what only a result can be.
    """
    tasks: dict[str, dict[str, Any]] = {}
    for place, record in enumerate(records):
        image = _image(record)
        results = [
            result
            for name in _result_names(record)
            if name != image
            for result in _results(record[name])
        ]
        key = str(record.get("id") or f"row {place}")
        data = {"image": record[image]} if image is not None else {}
        tasks.pop(key, None)
        tasks[key] = {"data": data, "annotations": [{"result": results}]}
    return list(tasks.values())


def _image(record: Mapping[str, Any]) -> str | None:
    """Find the name of the member that holds the image."""
    texts = {name: value for name, value in record.items() if isinstance(value, str)}
    by_name = [name for name in texts if "image" in name.lower() or "img" in name.lower()]
    by_value = [name for name, value in texts.items() if _ENDING.search(value)]
    return next((name for name in by_name if name in by_value), None) or next(
        iter([*by_value, *by_name]), None
    )


def _result_names(record: Mapping[str, Any]) -> list[str]:
    names = list(record)
    if "id" in names and "annotator" in names:
        between = names[names.index("id") + 1 : names.index("annotator")]
        if between and not _OF_EXPORT.intersection(between):
            return between
    return [
        name
        for name in names
        if name not in _OF_EXPORT and (_CHOICE.search(name) or not _is_text(record[name]))
    ]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not value.lstrip().startswith(("[", "{"))


def _results(value: Any) -> list[dict[str, Any]]:
    """Convert one cell: a choice, choices, shapes, or all of them as JSON."""
    if isinstance(value, str) and not _is_text(value):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return [_shape({})]  # named as a result without a label
    if isinstance(value, str):
        return [_choice([value])] if value.strip() else []
    found: list[dict[str, Any]] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            found.append(_choice([one]))
        elif isinstance(one, dict) and isinstance(one.get(_CHOICES), list):
            found.append(_choice(one[_CHOICES]))
        elif isinstance(one, dict):
            found.append(_shape(one))
    return found


def _choice(labels: list[Any]) -> dict[str, Any]:
    return {"type": _CHOICES, "value": {_CHOICES: labels}}


def _shape(value: Mapping[str, Any]) -> dict[str, Any]:
    given = (name for name, labels in value.items() if isinstance(labels, list))
    kind = next((name for name in _SHAPES if name in value), None)
    kind = kind or next((name for name in given if name != "points"), "rectanglelabels")
    sizes = {name: value.get(name) for name in ("original_width", "original_height")}
    return {"type": kind, "value": dict(value), **sizes}
