"""Every operation of Service Quotas that is served."""

from __future__ import annotations

from lensmith.operations.call import Call, Operation, Permission, Service, blocking
from lensmith.operations.quotas.read import (
    get_default_quota,
    get_service_quota,
    list_default_quotas,
    list_service_quotas,
    list_services,
)


def _permissions(_: Service, call: Call) -> list[Permission]:
    return [Permission(f"servicequotas:{call.operation}", "*", {}, {})]


_ROWS = (
    Operation("ListServices", _permissions, blocking(list_services)),
    Operation("ListServiceQuotas", _permissions, blocking(list_service_quotas)),
    Operation("GetServiceQuota", _permissions, blocking(get_service_quota)),
    Operation("ListAWSDefaultServiceQuotas", _permissions, blocking(list_default_quotas)),
    Operation("GetAWSDefaultServiceQuota", _permissions, blocking(get_default_quota)),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
