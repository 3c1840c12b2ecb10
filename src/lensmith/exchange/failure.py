"""Errors of import and export, and what the services answer as such."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from lensmith.domain.errors import LensmithError


class ExchangeError(LensmithError):
    """Nothing can be brought in or out; the message says why and what to do."""


@contextmanager
def answers(doing: str) -> Iterator[None]:
    """Raises ExchangeError for what a service or the network refuses while `doing` something."""
    try:
        yield
    except ClientError as error:
        detail = error.response.get("Error", {})
        said = f"{detail.get('Code')}: {detail.get('Message')}"
        raise ExchangeError(f"Cannot {doing}: {said}") from error
    except BotoCoreError as error:
        raise ExchangeError(
            f"Cannot {doing}: {error} Is the server running? See `lensmith status`."
        ) from error
