"""Waits while the object store is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from boto3.exceptions import RetriesExceededError
from botocore import exceptions
from botocore.exceptions import ClientError

from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectStoreError
from lensmith.store.objects import is_refusal

PATIENCE_SECONDS = 6 * 3600.0
_PAUSE_SECONDS = 3.0  # beside those that the client makes by itself

_BROKEN = (
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    exceptions.IncompleteReadError,
    RetriesExceededError,
)

_log = structlog.get_logger(__name__)

T = TypeVar("T")


def is_outage(error: ObjectStoreError) -> bool:
    """Return whether the store could not be reached, or failed: the same may succeed later."""
    if isinstance(error, ObjectMissing | ObjectForbidden):
        return False
    cause = error.__cause__
    if isinstance(cause, ObjectStoreError):
        return is_outage(cause)
    if isinstance(cause, ClientError):
        return not is_refusal(error)
    return isinstance(cause, _BROKEN)


def waiting_out(action: Callable[[], T], patience_seconds: float = PATIENCE_SECONDS) -> T:
    """Repeat an action until the store does not fail it; raises its error when patience ends."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return action()
        except ObjectStoreError as error:
            if not is_outage(error) or time.monotonic() + _PAUSE_SECONDS > deadline:
                raise
            _log.warning("object store away", reason=str(error))
        time.sleep(_PAUSE_SECONDS)
