"""Writes a person's changes of entries in one transaction (optimistic locking by revision)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from lensmith.config import Quotas
from lensmith.datasets.entry import new_entry
from lensmith.domain.dataset import Dataset, DatasetStatus
from lensmith.domain.errors import (
    LimitExceededException,
    ResourceInUseException,
)
from lensmith.manifest.dataset.entry import RejectedLine, check_entry, manifest_line
from lensmith.manifest.labelling.edit import EditError, Marks, edited_line, new_line
from lensmith.manifest.labelling.image import MarkedBox, read_image
from lensmith.manifest.line.entry import bucket_of, is_source_ref
from lensmith.operations.call import Call, Service
from lensmith.operations.lensmith.images import Image, as_image, revision_of
from lensmith.operations.owned import changing
from lensmith.store.records import (
    datasets,
    entries,
    label_styles,
    labels,
    saved_changes,
    stored_entries,
)
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex
from lensmith.store.records.stored_entries import StoredEntry

_SAVED = "The dataset was successfully updated."


class Change(Struct, frozen=True):
    """The wanted content of an entry; `revision` is the one it had when it was read."""

    source_ref: str
    revision: str | None = None  # None: the entry is new
    image_labels: tuple[str, ...] = ()
    boxes: tuple[MarkedBox, ...] = ()
    nothing_here: bool = False
    width: int | None = None
    height: int | None = None
    remove: bool = False


class Saved(Struct, frozen=True):
    source_ref: str
    revision: str | None  # None: the entry is gone


class Conflict(Struct, frozen=True):
    """The entry was changed meanwhile; None when it is gone."""

    source_ref: str
    image: Image | None


class Rejected(Struct, frozen=True):
    source_ref: str
    code: str


class Outcome(Struct):
    saved: list[Saved]
    conflicts: list[Conflict]
    rejected: list[Rejected]


def save_changes(
    service: Service, call: Call, dataset: Dataset, request_id: str, changes: Sequence[Change]
) -> bytes:
    """Save changes; returns the outcome as JSON, the same for a request that was answered before.

    Raises ResourceInUseException while something else changes the dataset, and
    LimitExceededException where it would become too large or have too many labels.
    """
    with changing(service, call) as owned:
        now = owned.dataset(dataset.arn)
        known = saved_changes.answer(owned.connection, now.id, request_id)
        if known is not None:
            return known
        if not now.status.has_content:
            raise ResourceInUseException(f"Dataset is in state {now.status.value}.")
        outcome = _Saving(owned.connection, now, service.settings.quotas).save(changes)
        answer = msgspec.json.encode(outcome)
        saved_changes.put(owned.connection, now.id, request_id, answer)
    return answer


class _Saving:
    """One request's changes, while the project is locked."""

    def __init__(self, connection: Connection, dataset: Dataset, quotas: Quotas) -> None:
        self._connection = connection
        self._dataset = dataset
        self._quotas = quotas
        self._created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        self._outcome = Outcome([], [], [])
        self._written: list[NewEntry] = []
        self._removed: list[int] = []
        self._bucket: str | None = None

    def save(self, changes: Sequence[Change]) -> Outcome:
        stored = self._stored(changes)
        first = entries.first_source_ref(self._connection, self._dataset.id)
        self._bucket = bucket_of(first) if first is not None else None
        seen: set[str] = set()
        for change in changes:
            if change.source_ref in seen:
                self._reject(change, "ERROR_DUPLICATE_SOURCE_REF")
                continue
            seen.add(change.source_ref)
            self._take(change, stored.get(change.source_ref))
        if self._written or self._removed:
            self._write()
        return self._outcome

    def _stored(self, changes: Sequence[Change]) -> Mapping[str, StoredEntry]:
        refs = list(dict.fromkeys(change.source_ref for change in changes))
        places = entries.positions(self._connection, self._dataset.id, refs)
        found = stored_entries.at(self._connection, self._dataset.id, list(places.values()))
        return {one.source_ref: one for one in found}

    def _take(self, change: Change, stored: StoredEntry | None) -> None:
        revision = revision_of(stored.line) if stored is not None else None
        if change.revision != revision:
            image = as_image(stored) if stored is not None else None
            self._outcome.conflicts.append(Conflict(change.source_ref, image))
        elif change.remove:
            if stored is not None:
                self._removed.append(stored.position)
            self._outcome.saved.append(Saved(change.source_ref, None))
        else:
            self._edit(change, stored)

    def _edit(self, change: Change, stored: StoredEntry | None) -> None:
        try:
            line = _line(change, stored, self._created)
        except EditError as error:
            self._reject(change, error.code)
            return
        checked = check_entry(line)
        if isinstance(checked, RejectedLine):
            self._reject(change, checked.name)
            return
        code = _new_fault(checked.text, stored) or self._fault_of_bucket(change.source_ref)
        if code is not None:
            self._reject(change, code)
            return
        self._written.append(new_entry(checked))
        self._outcome.saved.append(Saved(change.source_ref, revision_of(checked.text)))

    def _fault_of_bucket(self, source_ref: str) -> str | None:
        """Return the code of an image outside the one bucket of a dataset (manifests.md 2.1)."""
        bucket = bucket_of(source_ref)
        self._bucket = self._bucket or bucket
        return None if bucket == self._bucket else "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"

    def _reject(self, change: Change, code: str) -> None:
        self._outcome.rejected.append(Rejected(change.source_ref, code))

    def _write(self) -> None:
        connection, dataset_id = self._connection, self._dataset.id
        before = labels.names(connection, dataset_id)
        index = LabelIndex.open(connection, dataset_id)
        entries.remove(connection, index, self._removed)
        entries.upsert(connection, index, self._written)
        index.save(connection)
        entries.refresh_stats(connection, dataset_id)
        self._refuse_too_many()
        gone = set(before.values()) - set(labels.names(connection, dataset_id).values())
        label_styles.keep(connection, dataset_id, sorted(gone))  # they can be used again
        datasets.set_status(connection, dataset_id, DatasetStatus.UPDATE_COMPLETE, _SAVED)

    def _refuse_too_many(self) -> None:
        stats = entries.stats(self._connection, self._dataset.id)
        for what, count, most in (
            ("images", stats.total_entries, self._quotas.dataset_entries),
            ("labels", stats.total_labels, self._quotas.labels),
        ):
            if count > most:
                raise LimitExceededException(f"A dataset has at most {most} {what}.")


def _line(change: Change, stored: StoredEntry | None, created: str) -> bytes:
    """Raises EditError."""
    has_size = change.width is not None and change.height is not None
    size = (change.width or 0, change.height or 0) if has_size else None
    marks = Marks(
        tuple(dict.fromkeys(change.image_labels)),
        change.boxes,
        change.nothing_here,
        size,
        created,
    )
    if stored is not None:
        return edited_line(manifest_line(stored.line), read_image(stored.line), marks)
    if not is_source_ref(change.source_ref):
        raise EditError("ERROR_INVALID_SOURCE_REF_FORMAT")
    return new_line(change.source_ref, marks)


def _new_fault(text: str, stored: StoredEntry | None) -> str | None:
    """Return the code of an error that the entry did not have before."""
    before = read_image(stored.line).errors if stored is not None else ()
    # Without a label a line with other keys counts as one whose labels were forgotten.
    accepted = {*before, "ERROR_NO_LABEL_ATTRIBUTES"}
    return next((code for code in read_image(text).errors if code not in accepted), None)
