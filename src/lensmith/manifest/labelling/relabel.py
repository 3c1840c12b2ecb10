"""One label under another name, or gone, in a line."""

from __future__ import annotations

from typing import Any

import msgspec

from lensmith.manifest.labelling.image import is_box_pair, is_image_level_pair
from lensmith.manifest.line.attributes import SUFFIX, AttributePair, pairs_of


def relabelled(line: bytes, label: str, other: str | None) -> bytes:
    """Return the line with `other` in place of `label`; None takes labels and boxes away.

    An attribute whose last box goes this way goes too: an empty one would be an answer.
    """
    raw: dict[str, Any] = msgspec.json.decode(line)
    for pair in pairs_of(raw):
        if is_image_level_pair(pair) and pair.metadata.get("class-name") == label:
            _relabel_image(raw, pair, other)
        elif is_box_pair(pair) and isinstance(pair.metadata.get("class-map"), dict):
            _relabel_boxes(raw, pair, label, other)
    return msgspec.json.encode(raw)


def _relabel_image(raw: dict[str, Any], pair: AttributePair, other: str | None) -> None:
    if other is None or _has_image_label(raw, other):
        del raw[pair.name], raw[pair.name + SUFFIX]
    else:
        pair.metadata["class-name"] = other


def _has_image_label(raw: dict[str, Any], label: str) -> bool:
    return any(
        is_image_level_pair(pair) and pair.metadata.get("class-name") == label
        for pair in pairs_of(raw)
    )


def _relabel_boxes(raw: dict[str, Any], pair: AttributePair, label: str, other: str | None) -> None:
    class_map: dict[str, Any] = pair.metadata["class-map"]
    numbers = {key for key, name in class_map.items() if name == label}
    if other is not None:
        pair.metadata["class-map"] = class_map | dict.fromkeys(numbers, other)
        return
    pair.metadata["class-map"] = {k: name for k, name in class_map.items() if k not in numbers}
    annotations = pair.value.get("annotations") if isinstance(pair.value, dict) else None
    if not isinstance(annotations, list) or not numbers:
        return
    kept = [i for i, one in enumerate(annotations) if _class_id(one) not in numbers]
    if annotations and not kept:
        del raw[pair.name], raw[pair.name + SUFFIX]
        return
    pair.value["annotations"] = [annotations[i] for i in kept]
    objects = pair.metadata.get("objects")
    if isinstance(objects, list):
        pair.metadata["objects"] = [objects[i] for i in kept if i < len(objects)]


def _class_id(annotation: Any) -> str | None:
    return str(annotation.get("class_id")) if isinstance(annotation, dict) else None
