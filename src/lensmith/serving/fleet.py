"""Interface of the operations to running models; local processes today, a cluster later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from lensmith.domain.label import Prediction
from lensmith.domain.precision import Served

Detect: TypeAlias = Callable[[bytes], Awaitable[Prediction]]
"""Runs one PNG or JPEG file through a model, in the event loop that all requests share."""


@dataclass(frozen=True, slots=True)
class Load:
    """Units and requests of one version; zeros if it is not hosted."""

    desired: int = 0
    in_service: int = 0
    minimum: int = 0
    maximum: int = 0  # the minimum where units do not follow the demand
    requests: int = 0  # being served or waiting
    waiting: int = 0  # beyond what the units work on
    served: Served | None = None  # by its units; None without one in service


class Fleet(Protocol):
    """Keeps inference units as the records want them and sends images to them.

    Wanted state is read from the records (versions in STARTING, RUNNING, STOPPING and their
    units), so nothing is lost when the server is killed.
    """

    def wake(self) -> None:
        """Reconcile now: a version was started, stopped or resized. Safe from any thread."""

    def admission(self, version_arn: str) -> AbstractContextManager[Detect]:
        """Admit one request to a running version, before its image is fetched.

        Raises ResourceNotReadyException or ProvisionedThroughputExceededException (queue full),
        at once or when entered. The yielded function raises
        ProvisionedThroughputExceededException (no unit for too long), ImageTooLargeException,
        InvalidImageFormatException, InvalidParameterException (image side or aspect out of
        bounds) or InternalServerError (the unit died twice).
        """

    def load(self, version_arn: str) -> Load:
        """Return the units that a version should have and has, and its requests."""
