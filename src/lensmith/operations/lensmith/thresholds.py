"""Thresholds of a version that a person sets instead of those that training chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct

from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.project_version import ProjectVersion
from lensmith.operations.call import Permission, Service
from lensmith.operations.lensmith.variants import served_artefact
from lensmith.operations.permissions import to_act_on
from lensmith.store.records import project_versions

Threshold = Annotated[float, Meta(ge=0, le=1)]


class ThresholdsOrder(Struct, frozen=True):
    """Holds the body of PUT …/thresholds; labels that it leaves out keep the assumed threshold."""

    thresholds: dict[str, Threshold]


@dataclass(frozen=True, slots=True)
class LabelThreshold:
    label: str
    assumed: float  # 0..1, as training chose it for the variant that is served
    own: float | None  # as a person set it


@dataclass(frozen=True, slots=True)
class Thresholds:
    stored: bool  # whether a person set any
    labels: list[LabelThreshold]


def to_change(service: Service, version: ProjectVersion) -> Permission:
    """Need StartProjectVersion: who starts a model decides how it answers."""
    return to_act_on(service, "StartProjectVersion", version.arn)


def show_thresholds(service: Service, version: ProjectVersion) -> Thresholds:
    """Read the thresholds; raises ResourceNotReadyException for a version without a model."""
    own = version.own_thresholds
    labels = [
        LabelThreshold(label, assumed, None if own is None else own.get(label))
        for label, assumed in _assumed(service, version).items()
    ]
    return Thresholds(own is not None, labels)


def set_thresholds(service: Service, version: ProjectVersion, order: ThresholdsOrder) -> None:
    """Store the thresholds; the next call without MinConfidence is answered by them.

    Raises InvalidParameterException for a label that the model does not know, or without any
    label, and ResourceNotReadyException.
    """
    unknown = sorted(order.thresholds.keys() - _assumed(service, version).keys())
    if unknown:
        raise InvalidParameterException(f"The model has no label {unknown[0]}.")
    if not order.thresholds:
        raise InvalidParameterException("Give the threshold of at least one label.")
    _store(service, version, order.thresholds)


def forget_thresholds(service: Service, version: ProjectVersion) -> None:
    """Go back to the thresholds that training chose."""
    _store(service, version, None)


def _store(service: Service, version: ProjectVersion, thresholds: dict[str, float] | None) -> None:
    with service.records.write() as connection:
        project_versions.set_own_thresholds(connection, version.id, thresholds)


def _assumed(service: Service, version: ProjectVersion) -> dict[str, float]:
    artefact = served_artefact(service, version)
    return dict(zip(artefact.labels, artefact.thresholds, strict=True))
