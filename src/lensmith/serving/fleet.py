"""What the operations ask of running models; local processes today, a cluster later."""

from __future__ import annotations

from typing import Protocol

from lensmith.domain.label import Prediction


class Fleet(Protocol):
    """Keeps inference units as the records want them and sends images to them.

    Wanted state is read from the records (versions in STARTING, RUNNING, STOPPING and their
    units), so nothing is lost when the server is killed.
    """

    def wake(self) -> None:
        """A version was started or stopped: reconcile now. Safe from any thread."""

    def detect(self, version_arn: str, image: bytes) -> Prediction:
        """Run one PNG or JPEG file through a running version; blocks until the answer.

        Raises ResourceNotReadyException, ProvisionedThroughputExceededException (queue full),
        ImageTooLargeException, InvalidImageFormatException, InvalidParameterException (image
        side or aspect out of bounds) or InternalServerError (the unit died twice).
        """
