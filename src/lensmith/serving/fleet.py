"""What the operations ask of running models; local processes today, a cluster later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from lensmith.domain.label import Prediction


@dataclass(frozen=True, slots=True)
class Load:
    """Units of one version and the requests they have before them; zeros when it is not hosted."""

    desired: int = 0
    in_service: int = 0
    minimum: int = 0
    maximum: int = 0  # the minimum where units do not follow the demand
    requests: int = 0  # being served or waiting
    waiting: int = 0  # beyond what the units look at


class Fleet(Protocol):
    """Keeps inference units as the records want them and sends images to them.

    Wanted state is read from the records (versions in STARTING, RUNNING, STOPPING and their
    units), so nothing is lost when the server is killed.
    """

    def wake(self) -> None:
        """A version was started, stopped or resized: reconcile now. Safe from any thread."""

    def detect(self, version_arn: str, image: bytes) -> Prediction:
        """Run one PNG or JPEG file through a running version; blocks until the answer.

        Raises ResourceNotReadyException, ProvisionedThroughputExceededException (queue full),
        ImageTooLargeException, InvalidImageFormatException, InvalidParameterException (image
        side or aspect out of bounds) or InternalServerError (the unit died twice).
        """

    def expect_room(self, version_arn: str) -> None:
        """Raise what `detect` would raise at once, before an image is fetched for it."""

    def load(self, version_arn: str) -> Load:
        """What a version should have, has and does at this moment."""
