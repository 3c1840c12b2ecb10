"""Errors of models from the hub."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError


class BackboneUnavailableError(LensmithError):
    """A named model cannot be loaded; `reason` is a sentence."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"The backbone {name} cannot be used: {reason}")
