"""StartProjectVersion and StopProjectVersion (api.md 2.22, 2.23, 3.3)."""

from __future__ import annotations

from typing import Any

from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
)
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing
from lensmith.store.records import project_versions

_UNUSABLE = frozenset({VersionStatus.TRAINING_FAILED, VersionStatus.COPYING_FAILED})
_HOSTED = frozenset(status for status in VersionStatus if status.is_hosted)


def start_project_version(service: Service, call: Call) -> dict[str, Any]:
    minimum: int = call.request["MinInferenceUnits"]
    maximum: int | None = call.request.get("MaxInferenceUnits")
    with changing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
        _refuse_unstartable(version)
        if maximum is not None and maximum < minimum:
            raise InvalidParameterException(
                "MaxInferenceUnits must not be smaller than MinInferenceUnits."
            )
        _refuse_beyond_quotas(service, owned, maximum or minimum)
        project_versions.set_units(owned.connection, version.id, minimum, maximum)
        project_versions.set_status(owned.connection, version.id, VersionStatus.STARTING)
    service.fleet.wake()
    return {"Status": VersionStatus.STARTING.value}


def stop_project_version(service: Service, call: Call) -> dict[str, Any]:
    """Detections under way end normally; a repeated call answers STOPPING again."""
    with changing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
        stopped = project_versions.set_status(
            owned.connection,
            version.id,
            VersionStatus.STOPPING,
            only_from={VersionStatus.RUNNING, VersionStatus.STOPPING},
        )
        if not stopped:
            raise in_state(version)
    service.fleet.wake()
    return {"Status": VersionStatus.STOPPING.value}


def in_state(version: ProjectVersion) -> ResourceInUseException:
    return ResourceInUseException(f"Project version is in state {version.status.value}.")


def _refuse_unstartable(version: ProjectVersion) -> None:
    if version.status in _UNUSABLE:
        raise InvalidParameterException(
            f"Project version is in state {version.status.value} and cannot be started."
        )
    if not version.status.can_start:
        raise in_state(version)


def _refuse_beyond_quotas(service: Service, owned: Owned, units: int) -> None:
    quotas = service.settings.quotas
    if units > quotas.units_per_model:
        raise LimitExceededException(
            f"A model can have at most {quotas.units_per_model} inference units."
        )
    running = project_versions.count_in_states(
        owned.connection, owned.account_id, owned.region, _HOSTED
    )
    if running >= quotas.running_models:
        raise LimitExceededException(
            f"At most {quotas.running_models} models can run at the same time."
        )
