"""Manages labels of a dataset: colours, keys, drafts, renaming, removing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset, DatasetStatus
from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from lensmith.domain.job import JobKind
from lensmith.manifest.line.label_rules import is_label_name
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.images import refuse_unreadable
from lensmith.operations.owned import changing
from lensmith.store.records import datasets, jobs, label_styles, labels
from lensmith.store.records.label_styles import LabelStyle

_COLOR = re.compile(r"#[0-9a-f]{6}")
_UPDATING = "The dataset is being updated."


class Label(Struct, frozen=True):
    """A label and how many images use it."""

    name: str
    color: str | None
    key: str | None
    images: int  # that carry it in either form
    boxes: int  # images that carry it on a box
    kinds: list[str]  # of "image" and "box", as it is used


class GivenLabel(Struct, frozen=True):
    name: str
    color: str | None = None
    key: str | None = None


def list_labels(service: Service, dataset: Dataset) -> list[Label]:
    """List labels of entries in order of first appearance, then drafts."""
    with service.records.read() as connection:
        refuse_unreadable(datasets.find(connection, dataset.arn) or dataset)
        return _labels(connection, dataset.id)


def put_labels(
    service: Service, call: Call, dataset: Dataset, given: Sequence[GivenLabel]
) -> list[Label]:
    """Write colours, keys and drafts; a draft that is not given is gone, a used label is not.

    Raises InvalidParameterException and LimitExceededException.
    """
    _refuse_invalid(given)
    with changing(service, call) as owned:
        now = owned.dataset(dataset.arn)
        refuse_unreadable(now)
        used = set(labels.names(owned.connection, now.id).values())
        most = service.settings.quotas.labels
        if len(used | {label.name for label in given}) > most:
            raise LimitExceededException(f"A dataset has at most {most} labels.")
        styles = [LabelStyle(label.name, _lower(label.color), label.key) for label in given]
        named = {style.name for style in styles}
        kept = [
            style
            for style in label_styles.of_dataset(owned.connection, now.id)
            if style.name in used and style.name not in named
        ]
        label_styles.replace(owned.connection, now.id, [*styles, *kept])
        return _labels(owned.connection, now.id)


def start_renaming(service: Service, call: Call, dataset: Dataset, name: str, other: str) -> int:
    """Queue it and return the job's id.

    Raises ResourceNotFoundException without such a label, InvalidParameterException for a
    name that cannot be one, ResourceInUseException while something else changes the dataset.
    """
    if not _is_name(other):
        raise InvalidParameterException("A label has 1 to 256 characters.")
    if name == other:
        raise InvalidParameterException("The label has that name already.")
    payload = {"label": name, "other": other}
    return _start(service, call, dataset, JobKind.RENAME_LABEL, payload)


def start_removing(service: Service, call: Call, dataset: Dataset, name: str) -> int:
    """Queue the removal of a label from images, boxes and drafts, as `start_renaming`."""
    return _start(service, call, dataset, JobKind.REMOVE_LABEL, {"label": name})


def _start(
    service: Service, call: Call, dataset: Dataset, kind: JobKind, payload: dict[str, str]
) -> int:
    with changing(service, call) as owned:
        now = owned.dataset(dataset.arn)
        if not now.status.has_content:
            raise ResourceInUseException(f"Dataset is in state {now.status.value}.")
        if all(label.name != payload["label"] for label in _labels(owned.connection, now.id)):
            raise ResourceNotFoundException(f"the label {payload['label']}")
        datasets.set_status(owned.connection, now.id, DatasetStatus.UPDATE_IN_PROGRESS, _UPDATING)
        job_id = jobs.enqueue(owned.connection, kind, now.arn, call.caller, payload)
    service.wake_jobs()
    return job_id


def _labels(connection: Connection, dataset_id: int) -> list[Label]:
    styles = {style.name: style for style in label_styles.of_dataset(connection, dataset_id)}
    found = []
    for _, use in labels.page(connection, dataset_id, after=None, limit=100_000):
        style = styles.pop(use.name, LabelStyle(use.name))
        on_images = use.entry_count > use.box_count
        kinds = ["image"] * on_images + ["box"] * bool(use.box_count)
        found.append(Label(use.name, style.color, style.key, use.entry_count, use.box_count, kinds))
    drafts = [Label(style.name, style.color, style.key, 0, 0, []) for style in styles.values()]
    return [*found, *drafts]


def _refuse_invalid(given: Sequence[GivenLabel]) -> None:
    names = [label.name for label in given]
    if len(set(names)) != len(names):
        raise InvalidParameterException("Each label may be given once.")
    for label in given:
        if not _is_name(label.name):
            raise InvalidParameterException("A label has 1 to 256 characters.")
        if label.color is not None and not _COLOR.fullmatch(label.color.lower()):
            raise InvalidParameterException("A colour is #rrggbb.")
        if label.key is not None and (len(label.key) != 1 or not label.key.isprintable()):
            raise InvalidParameterException("A key is one character.")


def _is_name(name: str) -> bool:
    return is_label_name(name) and "\0" not in name


def _lower(color: str | None) -> str | None:
    return color.lower() if color is not None else None
