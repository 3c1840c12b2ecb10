"""Dataset validation: what a dataset keeps of a line (manifests.md 2.2, 2.3, 6)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from lensmith.manifest.line import fast_path
from lensmith.manifest.line.annotate import write_findings
from lensmith.manifest.line.attributes import (
    STAMP,
    AttributePair,
    AttributeType,
    pairs_of,
    strip_reserved,
)
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.label_rules import is_label_name
from lensmith.manifest.line.reading import is_utf8, parse
from lensmith.manifest.line.validate import check_object

_STAMPED = ',"cl-metadata":{"is_labeled":true}}'
_BLANK = " \t\r\n"


class RejectedLine(StrEnum):
    """Why a line is silently dropped; for the log of the operator only."""

    NOT_AN_OBJECT = "not a JSON object of at most 100,000 characters"
    NO_SOURCE_REF = "no source-ref"
    MALFORMED_SOURCE_REF = "source-ref is not s3://bucket/key"
    REPEATED_SOURCE_REF = "source-ref seen before"


class DatasetLine(Struct, frozen=True, gc=False):
    """A line as a dataset stores it."""

    source_ref: str
    text: str  # as ListDatasetEntries returns it
    is_labeled: bool
    has_errors: bool
    labels: dict[str, bool]  # label assigned to the image -> whether on a box
    declared: tuple[str, ...]  # every label named, assigned or not, in order of appearance


def check_entry(line: bytes) -> DatasetLine | RejectedLine:
    """Validate one line without its end for a dataset; returns the entry, or why it is dropped."""
    quick = fast_path.read(line)
    if quick is not None and b"\r" not in line and is_utf8(line):
        text = line.decode().strip(_BLANK)[:-1] + _STAMPED
        labels, declared = fast_path.labels_of(quick)
        return DatasetLine(quick.source_ref, text, True, False, labels, declared)
    raw = parse(line)
    return RejectedLine.NOT_AN_OBJECT if raw is None else _check_object(raw)


def manifest_line(text: str) -> bytes:
    """Return a stored line without the keys that the service added."""
    if text.endswith(_STAMPED) and '"cl-errors"' not in text:
        return text[: -len(_STAMPED)].encode() + b"}"
    raw = msgspec.json.decode(text)
    strip_reserved(raw)
    return msgspec.json.encode(raw)


_REJECTIONS = {
    Code.ERROR_MISSING_SOURCE_REF: RejectedLine.NO_SOURCE_REF,
    Code.ERROR_INVALID_SOURCE_REF_FORMAT: RejectedLine.MALFORMED_SOURCE_REF,
}


def _check_object(raw: dict[str, Any]) -> DatasetLine | RejectedLine:
    checked = check_object(raw)
    if checked.source_ref is None:
        return _REJECTIONS[checked.findings[0].code]
    pairs = pairs_of(raw)
    is_labeled = any(_is_labeled(pair) for pair in pairs)
    labels, declared = _labels_of(pairs)
    errors = [finding for finding in checked.findings if not finding.code.is_warning]
    write_findings(raw, errors, "cl-errors")
    raw[STAMP] = {"is_labeled": is_labeled}
    text = msgspec.json.encode(raw).decode()
    return DatasetLine(checked.source_ref, text, is_labeled, bool(errors), labels, declared)


def _is_labeled(pair: AttributePair) -> bool:
    """Return whether the pair labels the image, rightly or not."""
    if not isinstance(pair.value, dict):
        return True
    annotations = pair.value.get("annotations")
    return isinstance(annotations, list) and bool(annotations)


def _labels_of(pairs: list[AttributePair]) -> tuple[dict[str, bool], tuple[str, ...]]:
    """Collect every readable label of a line that may have errors."""
    used: dict[str, bool] = {}
    declared: dict[str, None] = {}
    for pair in pairs:
        metadata = pair.metadata if isinstance(pair.metadata, dict) else {}
        match metadata.get("type"):
            case AttributeType.IMAGE_LEVEL:
                name: Any = metadata.get("class-name")
                if _is_storable(name):
                    declared[name] = None
                    used.setdefault(name, False)
            case AttributeType.BOUNDING_BOX:
                names = _class_names(metadata)
                declared |= dict.fromkeys(names.values())
                used |= {names[key]: True for key in _class_ids(pair.value) if key in names}
    return used, tuple(declared)


def _class_names(metadata: dict[str, Any]) -> dict[str, str]:
    class_map = metadata.get("class-map")
    if not isinstance(class_map, dict):
        return {}
    return {key: name for key, name in class_map.items() if _is_storable(name)}


def _class_ids(value: Any) -> list[str]:
    annotations = value.get("annotations") if isinstance(value, dict) else None
    if not isinstance(annotations, list):
        return []
    return [str(one.get("class_id")) for one in annotations if isinstance(one, dict)]


def _is_storable(name: Any) -> bool:
    return isinstance(name, str) and is_label_name(name) and "\0" not in name
