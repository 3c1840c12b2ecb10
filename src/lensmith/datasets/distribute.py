"""DISTRIBUTE_DATASET: moves a fifth of the training entries to the test dataset."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from lensmith.datasets.completion import completing, dataset_of
from lensmith.datasets.images import read_looks
from lensmith.datasets.stores import Stores
from lensmith.domain.dataset import DatasetStatus
from lensmith.domain.job import Job
from lensmith.health.scene_look import SceneLook
from lensmith.health.scenes import MAX_COMPARED, group_scenes
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.validate import check_line
from lensmith.manifest.training.split import TooFewImages, choose_entries_to_distribute
from lensmith.store.records import datasets, entries, labels
from lensmith.store.records.entries import EntryUse

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DISTRIBUTED = "The dataset entries were successfully distributed."


def distribute_dataset(stores: Stores, job: Job) -> None:
    """Move the entries in one transaction.

    Raises ManifestFileError (too few labelled images) or DatasetGoneError; then nothing has moved.
    """
    with stores.records.read() as connection:
        train = dataset_of(connection, job.payload["train_dataset_arn"])
        test = dataset_of(connection, job.payload["test_dataset_arn"])
        names = labels.names(connection, train.id)
        uses = list(entries.uses(connection, train.id))
    scenes = _scenes(stores.objects.for_key(job.access_key_id), [use.source_ref for use in uses])
    label_sets = [_valid_labels(use, names) for use in uses]
    try:
        chosen = choose_entries_to_distribute(label_sets, train.id, scenes)
    except TooFewImages:
        raise ManifestFileError(Code.ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE) from None
    with completing(stores.records, job) as connection:
        entries.move(connection, train.id, test.id, [uses[index].position for index in chosen])
        for dataset in (train, test):
            datasets.set_status(connection, dataset.id, DatasetStatus.UPDATE_COMPLETE, _DISTRIBUTED)


def _scenes(client: S3Client, source_refs: Sequence[str]) -> list[int]:
    """Number the scene of each image, read with the caller's rights."""
    looks: Sequence[SceneLook | None] = [None] * len(source_refs)
    if len(source_refs) <= MAX_COMPARED:
        looks = list(read_looks(client, source_refs))
    scenes: list[int] = group_scenes(source_refs, looks).tolist()
    return scenes


def _valid_labels(use: EntryUse, names: dict[int, str]) -> Collection[str]:
    """Return the labels of an entry; none for an invalid or unlabelled line."""
    if use.faulty_line is not None:
        return check_line(use.faulty_line.encode()).label_names
    return tuple(names[label_id] for label_id in use.label_ids)
