"""Errors of models from the hub."""

from __future__ import annotations

from dataclasses import replace

from lensmith.domain.errors import LensmithError
from lensmith.domain.training_report import Skipped, SkipReason


class BackboneUnavailableError(LensmithError):
    """A named model cannot be loaded; `skipped` says why."""

    def __init__(self, name: str, why: Skipped) -> None:
        self.skipped = replace(why, candidate=name)
        super().__init__(f"The backbone {name} cannot be used: {why.reason} {why.detail}".rstrip())


def not_installed(name: str, error: ModuleNotFoundError) -> BackboneUnavailableError:
    """Return the error for a package that is missing."""
    why = Skipped(SkipReason.NOT_INSTALLED, detail=error.name or "")
    return BackboneUnavailableError(name, why)
