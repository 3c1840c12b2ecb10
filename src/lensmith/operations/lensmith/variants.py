"""The variants of a version's model in other precisions, and the one that this machine serves."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.errors import ResourceNotReadyException
from lensmith.domain.precision import Precision, Served
from lensmith.domain.project_version import ProjectVersion
from lensmith.inference.artefact import Artefact, ArtefactError
from lensmith.inference.choice import choose_here, runs_here
from lensmith.inference.variant import Accuracy, Cost, cost_of, reference_of
from lensmith.operations.call import Service
from lensmith.store.published.model import reading_model
from lensmith.store.unreadable_folder import UnreadableFolderError


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """One variant as training evaluated it."""

    precision: Precision
    runtime: str
    accuracy: Accuracy
    cost: Cost  # against float32
    seconds: float  # of the network for a picture on one thread, where it was trained
    runs_here: bool  # whether this machine's processor computes what was evaluated
    is_served: bool  # here, by the rule or by LENSMITH_PRECISION


@dataclass(frozen=True, slots=True)
class Variants:
    wanted: Precision | None  # by LENSMITH_PRECISION; None: chosen by the rule
    served: Served | None  # by the units in service, as they measured it; None without any
    variants: list[VariantFigures]  # none in models trained before there were any


def show_variants(service: Service, version: ProjectVersion) -> Variants:
    """List the variants; raises ResourceNotReadyException for a version without a model."""
    wanted = service.settings.precision
    try:
        artefact = _artefact(service, version)
    except (ArtefactError, UnreadableFolderError):  # deleted at this moment, or its key is
        return Variants(wanted, None, [])
    served = service.fleet.load(version.arn).served
    dropped = () if served is None else served.dropped
    chosen, reference = choose_here(artefact, wanted, dropped), reference_of(artefact.variants)
    figures = [
        VariantFigures(
            one.precision,
            one.runtime,
            one.accuracy,
            cost_of(one, reference),
            one.seconds,
            runs_here(one),
            one is chosen,
        )
        for one in artefact.variants
        if reference is not None
    ]
    return Variants(wanted, served, figures)


def served_artefact(service: Service, version: ProjectVersion) -> Artefact:
    """Describe the model as it is served here; raises ResourceNotReadyException without one."""
    try:
        artefact = _artefact(service, version)
    except (ArtefactError, UnreadableFolderError) as error:  # deleted at this moment
        raise ResourceNotReadyException(str(error)) from error
    served = service.fleet.load(version.arn).served
    dropped = () if served is None else served.dropped
    return artefact.served_as(choose_here(artefact, service.settings.precision, dropped))


def _artefact(service: Service, version: ProjectVersion) -> Artefact:
    if not version.status.has_model:
        raise ResourceNotReadyException(f"Project version is in state {version.status.value}.")
    with reading_model(service.settings, service.records, version) as folder:
        return Artefact.read(folder)
