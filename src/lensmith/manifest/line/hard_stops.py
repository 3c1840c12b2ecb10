"""Stage A of a line: forms without which nothing else can be judged (manifests.md 3.5, 1 to 8).

A pair that passes becomes a typed attribute.
"""

from __future__ import annotations

import math
import re
from typing import Any

from lensmith.manifest.line.attributes import (
    SOURCE_REF,
    Annotation,
    Attribute,
    AttributePair,
    AttributeType,
    BoxAttribute,
    ImageAttribute,
    Provenance,
    UnsupportedAttribute,
)
from lensmith.manifest.line.entry import is_source_ref
from lensmith.manifest.line.finding import Code, Finding

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_INTEGRAL = re.compile(r"[+-]?[0-9]+(\.0*)?", re.ASCII)


class HardStop(Exception):  # noqa: N818
    """The line is invalid; `finding` is the only one reported."""

    def __init__(self, code: Code, attribute: str | None = None) -> None:
        super().__init__(code.name)
        self.finding = Finding(code, attribute)


def source_ref_of(raw: dict[str, Any]) -> str:
    """Return the well-formed source-ref of a line; raises HardStop."""
    source_ref = raw.get(SOURCE_REF)
    if not isinstance(source_ref, str):
        raise HardStop(Code.ERROR_MISSING_SOURCE_REF)
    if not is_source_ref(source_ref):
        raise HardStop(Code.ERROR_INVALID_SOURCE_REF_FORMAT)
    return source_ref


def attributes_of(raw: dict[str, Any], pairs: list[AttributePair]) -> list[Attribute]:
    """Parse every pair into a typed attribute; raises HardStop. Empty for an unlabelled line."""
    if not pairs and raw.keys() - {SOURCE_REF}:
        raise HardStop(Code.ERROR_NO_LABEL_ATTRIBUTES)
    return [_attribute(pair) for pair in pairs]


def _attribute(pair: AttributePair) -> Attribute:
    # The type comes first: it decides what a right value is.
    if not isinstance(pair.metadata, dict) or not isinstance(pair.metadata.get("type"), str):
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT, pair.name)
    match pair.metadata["type"]:
        case AttributeType.IMAGE_LEVEL:
            return _image_attribute(pair)
        case AttributeType.BOUNDING_BOX:
            return _box_attribute(pair)
        case _:
            return UnsupportedAttribute(pair.name)


def _image_attribute(pair: AttributePair) -> ImageAttribute:
    if not _is_integral(pair.value):
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT, pair.name)
    provenance = _provenance(pair)
    label = pair.metadata.get("class-name")
    confidence = _number(pair.metadata.get("confidence"))
    if not _is_text(label) or confidence is None or not 0 <= confidence <= 1:
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT, pair.name)
    return ImageAttribute(pair.name, label, provenance)


def _box_attribute(pair: AttributePair) -> BoxAttribute:
    size = _image_size(pair.value)
    boxes = _boxes(pair.value)
    if size is None or boxes is None:
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT, pair.name)
    provenance = _provenance(pair)
    class_map, objects = pair.metadata.get("class-map"), pair.metadata.get("objects")
    if not _is_class_map(class_map) or not isinstance(objects, list):
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT, pair.name)
    if not _has_confidences(objects, len(boxes)):
        raise HardStop(Code.ERROR_MISSING_BOUNDING_BOX_CONFIDENCE, pair.name)
    if any(class_id not in class_map for class_id, _ in boxes):
        raise HardStop(Code.ERROR_MISSING_CLASS_MAP_ID, pair.name)
    return BoxAttribute(
        pair.name,
        *size,
        tuple(Annotation(class_map[class_id], *edges) for class_id, edges in boxes),
        tuple(class_map.values()),
        provenance,
    )


def _provenance(pair: AttributePair) -> Provenance:
    human_annotated = pair.metadata.get("human-annotated")
    creation_date = pair.metadata.get("creation-date")
    if human_annotated not in ("yes", "no") or not _is_text(creation_date) or not creation_date:
        raise HardStop(Code.ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT, pair.name)
    job_name = pair.metadata.get("job-name")
    return Provenance(
        human_annotated == "yes", creation_date, job_name if _is_text(job_name) else None
    )


def _image_size(value: Any) -> tuple[float, float] | None:
    size = value.get("image_size") if isinstance(value, dict) else None
    if isinstance(size, list):
        size = size[0] if size else None
    if not isinstance(size, dict):
        return None
    width, height = _number(size.get("width")), _number(size.get("height"))
    if width is None or height is None or width <= 0 or height <= 0:
        return None
    return width, height


_Edges = tuple[float, float, float, float]


def _boxes(value: Any) -> list[tuple[str, _Edges]] | None:
    """Read class id and edges of each annotation; None when one is malformed."""
    annotations = value.get("annotations", []) if isinstance(value, dict) else None
    if not isinstance(annotations, list):
        return None
    boxes = [_box(annotation) for annotation in annotations]
    known = [box for box in boxes if box is not None]
    return known if len(known) == len(boxes) else None


def _box(annotation: Any) -> tuple[str, _Edges] | None:
    if not isinstance(annotation, dict):
        return None
    class_id = _class_id(annotation.get("class_id"))
    left, top = _number(annotation.get("left")), _number(annotation.get("top"))
    width, height = _number(annotation.get("width")), _number(annotation.get("height"))
    if class_id is None or left is None or top is None or width is None or height is None:
        return None
    return class_id, (left, top, width, height)


def _class_id(value: Any) -> str | None:
    """Return the key to look up in the class-map."""
    if isinstance(value, str):
        return value if _INTEGER.fullmatch(value) else None
    number = _number(value)
    return str(int(value)) if number is not None and number.is_integer() else None


def _is_class_map(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(name) for name in value.values())


def _has_confidences(objects: list[Any], count: int) -> bool:
    if len(objects) < count:
        return False
    return all(
        isinstance(one, dict) and _number(one.get("confidence")) is not None
        for one in objects[:count]
    )


def _is_integral(value: Any) -> bool:
    """Return whether the value is "any integer": also a boolean, `1.0` and `"0"` (1.2)."""
    if isinstance(value, str):
        return _INTEGRAL.fullmatch(value) is not None
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _number(value: Any) -> float | None:
    """Return a JSON number as float; None for anything else and beyond the range of a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_text(value: Any) -> bool:
    # PostgreSQL keeps no NUL character in a text.
    return isinstance(value, str) and "\0" not in value
