"""ListServiceQuotas, GetServiceQuota, and the same for the defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lensmith.config import Quotas
from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.domain.service_quota_errors import InvalidPaginationTokenError, NoSuchResourceError
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.operations.quotas.quota import QUOTAS, SERVICE_CODE, SERVICE_NAME, Quota


def list_services(service: Service, call: Call) -> dict[str, Any]:
    _start(service, call)
    return {"Services": [{"ServiceCode": SERVICE_CODE, "ServiceName": SERVICE_NAME}]}


def list_service_quotas(service: Service, call: Call) -> dict[str, Any]:
    """List what this server applies; of the account, for no quota is one resource's."""
    chosen = _of_service(call)
    if call.request.get("QuotaAppliedAtLevel") == "RESOURCE":
        chosen = []
    if "QuotaCode" in call.request:
        chosen = [quota for quota in chosen if quota.code == call.request["QuotaCode"]]
    return _page(service, call, chosen, service.settings.quotas)


def list_default_quotas(service: Service, call: Call) -> dict[str, Any]:
    return _page(service, call, _of_service(call), Quotas())


def get_service_quota(service: Service, call: Call) -> dict[str, Any]:
    return {"Quota": _shown(service, call, _named(call), service.settings.quotas)}


def get_default_quota(service: Service, call: Call) -> dict[str, Any]:
    return {"Quota": _shown(service, call, _named(call), Quotas())}


def _of_service(call: Call) -> Sequence[Quota]:
    """Raise NoSuchResourceError for any other service."""
    if call.request["ServiceCode"] != SERVICE_CODE:
        raise NoSuchResourceError(f"There is no service {call.request['ServiceCode']} here.")
    return QUOTAS


def _named(call: Call) -> Quota:
    code = call.request["QuotaCode"]
    for quota in _of_service(call):
        if quota.code == code:
            return quota
    raise NoSuchResourceError(f"There is no quota {code} of {SERVICE_CODE}.")


def _page(service: Service, call: Call, quotas: Sequence[Quota], values: Quotas) -> dict[str, Any]:
    begin = _start(service, call)
    size = page.page_size(call)
    shown = [_shown(service, call, quota, values) for quota in quotas[begin : begin + size]]
    following = begin + size if begin + size < len(quotas) else None
    return {"Quotas": shown, **page.next_token(service, call, following)}


def _start(service: Service, call: Call) -> int:
    try:
        return page.start(service, call) or 0
    except InvalidPaginationTokenException as error:
        raise InvalidPaginationTokenError from error


def _shown(service: Service, call: Call, quota: Quota, values: Quotas) -> dict[str, Any]:
    region, account = service.settings.region, call.caller.account_id
    return {
        "ServiceCode": SERVICE_CODE,
        "ServiceName": SERVICE_NAME,
        "QuotaArn": f"arn:aws:servicequotas:{region}:{account}:{SERVICE_CODE}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": quota.value(values),
        "Unit": quota.unit,
        "Adjustable": False,  # by an operator's setting, not by a request
        "GlobalQuota": False,
        "QuotaAppliedAtLevel": "ACCOUNT",
    }
