"""DISTRIBUTE_DATASET: moves a fifth of the training entries to the test dataset."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.validate import check_line
from lensmith.manifest.training.split import TooFewImages, choose_entries_to_distribute
from lensmith.store.records import datasets, entries, labels
from lensmith.store.records.entries import EntryUse

_DISTRIBUTED = "The dataset entries were successfully distributed."


def distribute_dataset(stores: Stores, job: Job) -> None:
    """Move the entries in one transaction.

    Raises ManifestFileError (too few labelled images) or DatasetGoneError; then nothing has moved.
    """
    with stores.records.read() as connection:
        train = dataset_of(connection, job.payload["train_dataset_arn"])
        test = dataset_of(connection, job.payload["test_dataset_arn"])
        label_sets = _valid_labels(connection, train.id)
    try:
        chosen = choose_entries_to_distribute(list(label_sets.values()), seed=train.id)
    except TooFewImages:
        raise ManifestFileError(Code.ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE) from None
    positions = list(label_sets)
    with completing(stores.records, job) as connection:
        entries.move(connection, train.id, test.id, [positions[index] for index in chosen])
        for dataset in (train, test):
            datasets.set_status(connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, _DISTRIBUTED)


def _valid_labels(connection: Connection, dataset_id: int) -> dict[int, Collection[str]]:
    """Return the labels of each entry by position; empty for invalid or unlabelled lines."""
    names = labels.names(connection, dataset_id)
    return {use.position: _labels_of(use, names) for use in entries.uses(connection, dataset_id)}


def _labels_of(use: EntryUse, names: dict[int, str]) -> Collection[str]:
    if use.faulty_line is not None:
        return check_line(use.faulty_line.encode()).label_names
    return tuple(names[label_id] for label_id in use.label_ids)
