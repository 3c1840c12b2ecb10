"""Converts multi-label Ground Truth lines to one attribute a label (manifests.md 1.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lensmith.manifest.convert.adjustment import replaced_attributes
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.line.attributes import (
    SOURCE_REF,
    SUFFIX,
    AttributePair,
    AttributeType,
    pairs_of,
    strip_reserved,
)
from lensmith.manifest.line.entry import is_source_ref
from lensmith.manifest.line.reading import parse

MULTI_LABEL_TYPE = "groundtruth/image-classification-multilabel"
_JOBS = "groundtruth/"
_KNOWN = frozenset({*AttributeType, MULTI_LABEL_TYPE})
_COPIED = ("job-name", "human-annotated", "creation-date")


def read_ground_truth(line: bytes, where: str) -> Iterator[Draft | Problem]:
    """Yield the draft of one line of Ground Truth output, and a problem for each label it loses.

    Attributes of multi-label jobs are converted; those of jobs that label neither images nor boxes
    are left out, since one would make its whole line an error.
    """
    raw = parse(line)
    source_ref = raw.pop(SOURCE_REF, None) if raw is not None else None
    if raw is None or not isinstance(source_ref, str) or not is_source_ref(source_ref):
        yield Problem(ProblemKind.NOT_A_LINE, where)
        return
    strip_reserved(raw)
    for name in replaced_attributes(raw):
        del raw[name], raw[name + SUFFIX]
        yield Problem(ProblemKind.ADJUSTED, f"{where}, {name}")
    for pair in pairs_of(raw):
        if _is_multi_label(pair):
            yield from _convert(raw, pair, where)
        elif _is_of_another_kind(pair):
            del raw[pair.name], raw[pair.name + SUFFIX]
            yield Problem(ProblemKind.OTHER_JOB, f"{where}, {pair.name}")
    yield Draft(source_ref, raw)


def _is_multi_label(pair: AttributePair) -> bool:
    return (
        isinstance(pair.metadata, dict)
        and pair.metadata.get("type") == MULTI_LABEL_TYPE
        and isinstance(pair.value, list)
    )


def _is_of_another_kind(pair: AttributePair) -> bool:
    """Return whether a job made it whose results a line may not have, such as a verification."""
    type_ = pair.metadata.get("type") if isinstance(pair.metadata, dict) else None
    return isinstance(type_, str) and type_.startswith(_JOBS) and type_ not in _KNOWN


def _convert(raw: dict[str, Any], pair: AttributePair, where: str) -> Iterator[Problem]:
    """Replace one attribute in place by those of its labels."""
    del raw[pair.name], raw[pair.name + SUFFIX]
    names, confidences = _map(pair, "class-map"), _map(pair, "confidence-map")
    for index, class_id in enumerate(pair.value):
        name = names.get(str(class_id))
        if name is None:
            yield Problem(ProblemKind.NOT_A_LABEL, f"{where}, class {class_id} of {pair.name}")
            continue
        raw[f"{pair.name}{index}"] = index
        raw[f"{pair.name}{index}{SUFFIX}"] = {
            "class-name": name,
            "confidence": confidences.get(str(class_id), 1),
            "type": AttributeType.IMAGE_LEVEL.value,
            **{key: pair.metadata[key] for key in _COPIED if key in pair.metadata},
        }


def _map(pair: AttributePair, key: str) -> dict[str, Any]:
    value = pair.metadata.get(key)
    return value if isinstance(value, dict) else {}
