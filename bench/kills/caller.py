"""Calls one of the servers until a call is acknowledged, whatever is killed meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_BUSY = {"LimitExceededException", "ThrottlingException", "ProvisionedThroughputExceededException"}
_PAUSE_SECONDS = 0.2
_INTERNAL = 500


class Caller:
    """One thread's calls. A server that does not answer leaves the outcome open: it is asked again.

    A server that is alive and answers with 500 or above is a fault of the product, and counted.
    """

    def __init__(self, clients: Sequence[RekognitionClient], rng: Random) -> None:
        self._clients = clients
        self._rng = rng
        self.outcomes: Counter[str] = Counter()
        self.internal_errors: list[str] = []

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call until there is an answer; raises ClientError."""
        while True:
            try:
                answer: dict[str, Any] = getattr(self._rng.choice(self._clients), operation)(
                    **request
                )
            except BotoCoreError:
                self.outcomes["no answer"] += 1
                time.sleep(_PAUSE_SECONDS)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < _INTERNAL:
                    raise
                self.internal_errors.append(f"{operation}: {error}")
                time.sleep(_PAUSE_SECONDS)
            else:
                self.outcomes["answered"] += 1
                return answer

    def write(
        self,
        operation: str,
        *,
        done: Collection[str] = (),
        wait: Collection[str] = (),
        **request: Any,
    ) -> dict[str, Any] | None:
        """Call until the write is acknowledged.

        Returns None where an error code in `done` shows that a call without an answer has had its
        effect. One in `wait` shows that it has to be asked again.
        """
        while True:
            try:
                answer = self.ask(operation, **request)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in done:
                    return None
                if code not in _BUSY and code not in wait:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                self.outcomes["acknowledged writes"] += 1
                return answer

    def until(self, look: Callable[[], str], passing: str) -> str:
        """Look until a status has another end than `passing`."""
        while (status := look()).endswith(passing):
            time.sleep(_PAUSE_SECONDS)
        return status
