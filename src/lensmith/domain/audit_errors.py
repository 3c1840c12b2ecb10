"""Errors of the audit trail."""

from __future__ import annotations

from lensmith.domain.errors import InternalServerError


class AuditUnavailableError(InternalServerError):
    """The event of a change could not be written, so the change is not made."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The audit trail cannot be written: {reason}. Nothing is changed until it can."
        )
