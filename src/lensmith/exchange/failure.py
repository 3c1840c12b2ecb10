"""Errors of import and export, made from those of the services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, SSLError

from lensmith.domain.errors import LensmithError


class ExchangeError(LensmithError):
    """An import or export failed; the message says why and what to do."""


@contextmanager
def service_errors(doing: str) -> Iterator[None]:
    """Turn errors of a service or the network while `doing` something into ExchangeError."""
    try:
        yield
    except ClientError as error:
        detail = error.response.get("Error", {})
        reason = f"{detail.get('Code')}: {detail.get('Message')}"
        raise ExchangeError(f"Cannot {doing}: {reason}") from error
    except SSLError as error:
        raise ExchangeError(
            f"Cannot {doing}: {error}. Name the authority that signed the server's certificate by "
            "`ca_bundle` in the profile, AWS_CA_BUNDLE or SSL_CERT_FILE."
        ) from error
    except BotoCoreError as error:
        raise ExchangeError(
            f"Cannot {doing}: {error} Is the server running? See `lensmith status`."
        ) from error
