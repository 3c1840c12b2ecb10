"""Collects results of the steps of a call, for its audit event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lensmith.api.authenticate import Principal
from lensmith.domain.errors import ServiceError


@dataclass(slots=True)
class CallNotes:
    """Holds what is known of a call so far; a step that is not reached leaves its part empty."""

    principal: Principal | None = None
    members: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    error: ServiceError | None = None
