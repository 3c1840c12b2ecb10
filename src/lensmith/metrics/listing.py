"""ListMetrics: lists an owner's metrics in pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.metric import HOUR_MS, NAMESPACE, Metric, MetricOwner
from lensmith.store.records import metric_points

PAGE_SIZE = 500

_RECENTLY_MS = 3 * HOUR_MS  # PT3H is the only choice


def list_metrics(
    connection: Connection,
    owner: MetricOwner,
    request: Mapping[str, Any],
    *,
    after_id: int | None,
    now_ms: int,
) -> tuple[dict[str, Any], int | None]:
    """Return the members of the answer, and the position of the next page or None."""
    if not _may_have_any(owner, request):
        return {"Metrics": []}, None
    found = metric_points.series(
        connection,
        owner,
        name=request.get("MetricName"),
        after_id=after_id,
        active_since_ms=now_ms - _RECENTLY_MS if "RecentlyActive" in request else None,
    )
    matching = [each for each in found if _matches(each.metric, request.get("Dimensions", ()))]
    shown = matching[:PAGE_SIZE]
    answer: dict[str, Any] = {"Metrics": [_member(each.metric) for each in shown]}
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [owner.account_id] * len(shown)
    return answer, shown[-1].id if len(matching) > PAGE_SIZE else None


def _may_have_any(owner: MetricOwner, request: Mapping[str, Any]) -> bool:
    is_ours: bool = request.get("Namespace", NAMESPACE) == NAMESPACE
    is_own: bool = request.get("OwningAccount", owner.account_id) == owner.account_id
    return is_ours and is_own


def _matches(metric: Metric, filters: list[Mapping[str, str]]) -> bool:
    dimensions = dict(metric.dimensions)
    return all(
        each["Name"] in dimensions
        and each.get("Value", dimensions[each["Name"]]) == dimensions[each["Name"]]
        for each in filters
    )


def _member(metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": NAMESPACE, "MetricName": metric.name, "Dimensions": dimensions}
