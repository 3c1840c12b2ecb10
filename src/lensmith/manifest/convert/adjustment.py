"""Finds the labels that a later adjustment job of Ground Truth replaces.

The service does not say which attribute a job adjusted, only that it did (`adjustment-status`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.manifest.line.attributes import AttributePair, AttributeType, pairs_of

_STATUS = "adjustment-status"


def replaced_attributes(line: Mapping[str, Any]) -> list[str]:
    """Return the names of attributes that an adjusted one of their type on the line replaces.

    Those count that share a label with it or begin its name, and the only earlier set of boxes.
    """
    pairs = [pair for pair in pairs_of(dict(line)) if isinstance(pair.metadata, dict)]
    replaced: dict[str, None] = {}
    for adjusted in pairs:
        if _STATUS not in adjusted.metadata:
            continue
        earlier = [pair for pair in pairs if _is_earlier(pair, adjusted)]
        related = [pair for pair in earlier if _is_related(pair, adjusted)]
        is_boxes = adjusted.metadata.get("type") == AttributeType.BOUNDING_BOX
        chosen = earlier if is_boxes and len(earlier) == 1 else related
        replaced.update((pair.name, None) for pair in chosen)
    return list(replaced)


def _is_earlier(pair: AttributePair, adjusted: AttributePair) -> bool:
    if pair.name == adjusted.name or pair.metadata.get("type") != adjusted.metadata.get("type"):
        return False
    dates = [one.metadata.get("creation-date") for one in (pair, adjusted)]
    if all(isinstance(date, str) for date in dates) and dates[0] != dates[1]:
        return str(dates[0]) < str(dates[1])
    return _STATUS not in pair.metadata


def _is_related(pair: AttributePair, adjusted: AttributePair) -> bool:
    shared = _labels(pair) & _labels(adjusted)
    return bool(shared) or adjusted.name.startswith(pair.name)


def _labels(pair: AttributePair) -> set[str]:
    names, name = pair.metadata.get("class-map"), pair.metadata.get("class-name")
    listed = names.values() if isinstance(names, dict) else ()
    return {one for one in (*listed, name) if isinstance(one, str)}
