"""Starts, stops (api.md 2.22, 2.23, 3.3) and, beyond AWS, resizes versions."""

from __future__ import annotations

from typing import Any

from lensmith.domain.errors import (
    InvalidParameterException,
    LimitExceededException,
    ResourceInUseException,
)
from lensmith.domain.project_version import HOSTED, STARTED, ProjectVersion, VersionStatus
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import project_versions

UNUSABLE = frozenset({VersionStatus.TRAINING_FAILED, VersionStatus.COPYING_FAILED})


def start_project_version(service: Service, call: Call) -> dict[str, Any]:
    minimum, maximum = _units(call)
    with changing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
        _refuse_unstartable(version)
        _refuse_units(service, minimum, maximum)
        _refuse_further_models(service, owned)
        project_versions.set_units(owned.connection, version.id, minimum, maximum)
        project_versions.set_status(owned.connection, version.id, VersionStatus.STARTING)
    service.fleet.wake()
    return {"Status": VersionStatus.STARTING.value}


def resize_project_version(service: Service, call: Call) -> None:
    """Give a version that is starting or running other units, without a restart.

    The request is StartProjectVersion's. Raises as that does, ResourceInUseException in every
    other state.
    """
    minimum, maximum = _units(call)
    with changing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
        if version.status not in STARTED:
            raise in_state(version)
        _refuse_units(service, minimum, maximum)
        project_versions.set_units(owned.connection, version.id, minimum, maximum)
    service.fleet.wake()


def inference_units(service: Service, call: Call) -> dict[str, Any]:
    """Report the wanted and running units of a version, named as CloudWatch does (api.md 5)."""
    with viewing(service, call) as owned:
        version = owned.version(call.request["ProjectVersionArn"])
    load = service.fleet.load(version.arn)
    return {
        "Status": version.status.value,
        "MinInferenceUnits": version.min_units,
        "MaxInferenceUnits": version.max_units,
        "DesiredInferenceUnits": load.desired,
        "InServiceInferenceUnits": load.in_service,
        "WaitingRequests": load.waiting,
    }


def stop_project_version(service: Service, call: Call) -> dict[str, Any]:
    """Stop a version; running detections end normally; a repeated call answers STOPPING again."""
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
    if version.status in UNUSABLE:
        raise InvalidParameterException(
            f"Project version is in state {version.status.value} and cannot be started."
        )
    if not version.status.can_start:
        raise in_state(version)


def _units(call: Call) -> tuple[int, int | None]:
    return call.request["MinInferenceUnits"], call.request.get("MaxInferenceUnits")


def _refuse_units(service: Service, minimum: int, maximum: int | None) -> None:
    if maximum is not None and maximum < minimum:
        raise InvalidParameterException(
            "MaxInferenceUnits must not be smaller than MinInferenceUnits."
        )
    limit = service.settings.quotas.units_per_model
    if (maximum or minimum) > limit:
        raise LimitExceededException(f"A model can have at most {limit} inference units.")


def _refuse_further_models(service: Service, owned: Owned) -> None:
    owned.lock_account()
    limit = service.settings.quotas.running_models
    running = project_versions.count_in_states(
        owned.connection, owned.account_id, owned.region, HOSTED
    )
    if running >= limit:
        raise LimitExceededException(f"At most {limit} models can run at the same time.")
