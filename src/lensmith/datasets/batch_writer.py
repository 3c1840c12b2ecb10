"""Writes a new dataset in batches, so that other requests write between two of them."""

from __future__ import annotations

from lensmith.domain.dataset import Dataset
from lensmith.domain.job import Job, Progress
from lensmith.store.records import entries, jobs
from lensmith.store.records.engine import Records
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex
from lensmith.store.records.leases import holding

# Other requests wait at most as long as one batch takes to write: some 50 ms.
_BATCH_ENTRIES = 1000
_BATCH_CHARACTERS = 2 << 20


class BatchWriter:
    """Collects entries of a dataset in CREATE_IN_PROGRESS and writes them in batches."""

    def __init__(self, records: Records, job: Job, dataset: Dataset, max_labels: int) -> None:
        with records.read() as connection:
            self.label_index = LabelIndex.open(connection, dataset.id)
        self.count = 0
        self._records = records
        self._job = job
        self._max_labels = max_labels
        self._is_within_limit = True
        self._batch: list[NewEntry] = []
        self._characters = 0

    def put(self, entry: NewEntry, progress: Progress) -> None:
        """Add the next entry; a full batch is written together with the progress."""
        self._batch.append(entry)
        self._characters += len(entry.line)
        if len(self._batch) >= _BATCH_ENTRIES or self._characters >= _BATCH_CHARACTERS:
            self.flush(progress)

    def flush(self, progress: Progress) -> None:
        """Write the pending entries and the progress, if the job is still this process's."""
        batch, self._batch, self._characters = self._batch, [], 0
        with holding(self._records, self._job) as connection:
            if self._is_within_limit:
                entries.add(connection, self.label_index, enumerate(batch, start=self.count))
            jobs.report(connection, self._job, progress)
        self.count += len(batch)
        # Beyond the limit the dataset fails anyway: stop counting its labels.
        self._is_within_limit = len(self.label_index) <= self._max_labels
