"""Counts the entries of a dataset that were verified from a model's own predictions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from lensmith.domain.dataset import Dataset
from lensmith.domain.review import JOB_PREFIX
from lensmith.operations.call import Service
from lensmith.store.records import entry_origins


@dataclass(frozen=True, slots=True)
class DatasetOrigins:
    entries: int
    from_feedback: int


def count_origins(service: Service, dataset: Dataset) -> DatasetOrigins:
    with service.records.read() as connection:
        return dataset_origins(connection, dataset)


def dataset_origins(connection: Connection, dataset: Dataset) -> DatasetOrigins:
    """Read all lines of the dataset and count those that a review wrote."""
    verified = entry_origins.count_of_job(connection, dataset.id, JOB_PREFIX)
    return DatasetOrigins(dataset.stats.total_entries, verified)
