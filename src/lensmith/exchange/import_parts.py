"""Which parts of a set an import brings in, and where each goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.importing import ImportRequest
from lensmith.exchange.services import Location, is_location
from lensmith.exchange.set_parts import TRAIN, SetPart, missing_labels, set_parts
from lensmith.manifest.convert.draft import Problem, ProblemKind


def chosen_parts(whole: ImportRequest, type_: str | None, split: str | None) -> list[SetPart]:
    """Return the parts of the source that were asked for: by type, by split, or else all.

    What is not divided, or not as asked for, is one part; its importer says what is wrong. Raises
    ExchangeError for a folder without a file of labels, and as `set_parts`.
    """
    alone = SetPart(type_ or TRAIN, whole.split, Path(whole.source))
    if is_location(whole.source):
        return [alone]
    parts = set_parts(whole.format, Path(whole.source))
    if endings := missing_labels(whole.format, parts):
        raise ExchangeError(f"There is no {endings} file below {whole.source}.")
    if split is not None:
        found = [part for part in parts if part.split == split]
        return [replace(part, type=alone.type) for part in found] or [alone]
    if len(parts) == 1:
        return [replace(parts[0], type=alone.type)]
    return [part for part in parts if type_ in (None, part.type)] or [alone]


def requests_of(
    whole: ImportRequest, parts: list[SetPart], project: str, prefix: str | None
) -> list[ImportRequest]:
    """Make a request a part; no two of them share a folder in the bucket."""
    requests: list[ImportRequest] = []
    filled: set[str] = set()
    for part in parts:
        folder = f"{project}/{part.type}" if prefix is None else prefix
        if prefix is not None and len({each.type for each in parts}) > 1:
            folder = f"{prefix.rstrip('/')}/{part.type}"
        if part.type in filled:
            folder = f"{folder.rstrip('/')}/{part.split}"
        filled.add(part.type)
        source = whole.source if is_location(whole.source) else str(part.path)
        target = Location(whole.target.bucket, folder).as_folder()
        requests.append(
            replace(whole, source=source, target=target, split=part.split, folders=part.folders)
        )
    return requests


def not_of_others(problems: Iterable[Problem], parts: list[SetPart]) -> list[Problem]:
    """Leave out what is skipped in one part because another one brings it in."""
    splits = {part.split for part in parts}
    return [
        problem
        for problem in problems
        if problem.kind is not ProblemKind.NOT_OF_THE_SPLIT or problem.shown not in splits
    ]
