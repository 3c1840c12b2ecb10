"""Chooses the source of a new version's images: datasets or manifests in S3 (api.md 2.14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.errors import InvalidParameterException, ResourceInUseException
from lensmith.operations import s3_object


@dataclass(frozen=True, slots=True)
class DatasetSource:
    """The project's datasets; without a TEST dataset the training splits one off."""

    train: Dataset
    test: Dataset | None

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        return (self.train,) if self.test is None else (self.train, self.test)


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """Manifests in S3; without a testing manifest the training splits the other one."""

    training: dict[str, Any]  # S3Object members
    testing: dict[str, Any] | None


def choose(
    request: Mapping[str, Any], datasets: Sequence[Dataset]
) -> DatasetSource | ManifestSource:
    """Pick one of the four data sources.

    Raises ResourceInUseException while a dataset of the project is changing and
    InvalidParameterException for every combination that names no source.
    """
    _refuse_moving(datasets)
    training, testing = request.get("TrainingData"), request.get("TestingData")
    if not training and not testing:
        return _from_datasets(datasets)
    if not training or not testing:
        raise InvalidParameterException("TrainingData and TestingData must be given together.")
    if datasets:
        raise InvalidParameterException(
            "TrainingData cannot be given because the project has datasets."
        )
    return ManifestSource(_only_manifest("TrainingData", training), _testing_manifest(testing))


def _refuse_moving(datasets: Sequence[Dataset]) -> None:
    for dataset in datasets:
        if dataset.status.is_moving:
            raise ResourceInUseException(
                f"The {dataset.type.value} dataset is in state {dataset.status.value}."
            )


def _from_datasets(datasets: Sequence[Dataset]) -> DatasetSource:
    for dataset in datasets:
        _refuse_unusable(dataset)
    by_type = {dataset.type: dataset for dataset in datasets}
    train = by_type.get(DatasetType.TRAIN)
    if train is None:
        raise InvalidParameterException(
            "The project has no TRAIN dataset and the request has no TrainingData."
        )
    return DatasetSource(train, by_type.get(DatasetType.TEST))


def _refuse_unusable(dataset: Dataset) -> None:
    if dataset.status is DatasetStatus.CREATE_FAILED:
        raise InvalidParameterException(
            f"The {dataset.type.value} dataset is in state {dataset.status.value}."
        )
    if not dataset.stats.total_entries:
        raise InvalidParameterException(f"The {dataset.type.value} dataset is empty.")


def _testing_manifest(testing: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the testing manifest; None if the test set is split off the training manifest."""
    if not testing.get("AutoCreate"):
        return _only_manifest("TestingData", testing)
    if testing.get("Assets"):
        raise InvalidParameterException("TestingData takes either Assets or AutoCreate, not both.")
    return None


def _only_manifest(member: str, data: Mapping[str, Any]) -> dict[str, Any]:
    assets = data.get("Assets") or []
    if len(assets) != 1:
        raise InvalidParameterException(f"{member} needs exactly one asset.")
    manifest = s3_object.named(assets[0].get("GroundTruthManifest") or {})
    version = {"Version": manifest.version} if manifest.version else {}
    return {"Bucket": manifest.bucket, "Name": manifest.key, **version}
