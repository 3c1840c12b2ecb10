"""Why a Ray cluster cannot be used."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError, StartupError


class ClusterAwayError(LensmithError):
    """The cluster does not answer at the moment; the connection is made again."""


class ClusterRefusedError(StartupError):
    """The cluster must not be used as it is; the message says what to do."""
