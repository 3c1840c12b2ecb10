"""Sessions of browsers: signing in, out, and reading the session's caller."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from lensmith import __version__
from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import UnrecognizedClientException
from lensmith.operations.call import Service
from lensmith.store.records import accounts, sessions
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.sessions import NewSession

UPLOAD_BATCH = 30  # pictures that the console sends at a time


@dataclass(frozen=True, slots=True)
class Who:
    """A caller and the server, as the console shows them."""

    account_id: str
    user_name: str
    arn: str
    region: str
    regions: list[str]
    endpoint_url: str
    s3_endpoint_url: str
    expires_at: str | None  # ISO 8601; None for a signed call
    version: str
    upload_batch: int


def key_of_token(service: Service, token: str, *, is_local: bool) -> AccessKey:
    """Redeem a sign-in token for its key; raises UnrecognizedClientException.

    From other machines only that of a person whom an OpenID Connect provider signed in.
    """
    with service.records.write() as connection:
        offered = sessions.offered(connection, token)
        if offered is not None and not (is_local or offered.rights.identity.federated_provider):
            raise UnrecognizedClientException(
                "The address that signs in works on the machine of the server only; "
                "sign in with an access key and its secret."
            )
        key = sessions.redeem(connection, token)
    if key is None or _has_ended(key):
        raise UnrecognizedClientException("The address that signs in was used, or is too old.")
    return key


def key_of_secret(
    service: Service, access_key_id: str, secret: str, session_token: str | None
) -> AccessKey:
    """Find the key with that secret; raises UnrecognizedClientException."""
    with service.records.read() as connection:
        key = accounts.find_access_key(connection, access_key_id)
    expected = (key.secret_access_key, key.session_token or "") if key else ("", "")
    # Both are compared whatever the first says, and against something where there is no key.
    same = [
        hmac.compare_digest(mine.encode(), given.encode())
        for mine, given in zip(expected, (secret, session_token or ""), strict=True)
    ]
    if key is None or not all(same) or _has_ended(key):
        raise UnrecognizedClientException("The access key or its secret is wrong.")
    return key


def begin_session(service: Service, key_id: str) -> NewSession:
    """Raises UnrecognizedClientException when the key has gone meanwhile."""
    with service.records.write() as connection:
        key = accounts.find_access_key(connection, key_id)
        if key is None:
            raise UnrecognizedClientException
        return sessions.begin(connection, key)


def end_session(service: Service, token: str) -> None:
    with service.records.write() as connection:
        sessions.end(connection, token)


def session_end_ms(service: Service, token: str) -> int | None:
    session = service.records.read_cached(sessions.find, token)
    return None if session is None else session.expires_ms


def who(service: Service, caller: Caller, expires_ms: int | None) -> Who:
    settings = service.settings
    return Who(
        caller.account_id,
        caller.arn.rpartition(":")[2].rpartition("/")[2],
        caller.arn,
        settings.region,
        [settings.region],
        settings.endpoint,
        settings.s3_endpoint,
        iso_time(expires_ms) if expires_ms is not None else None,
        __version__,
        UPLOAD_BATCH,
    )


def iso_time(epoch_ms: int) -> str:
    """Format as ISO 8601 in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _has_ended(key: AccessKey) -> bool:
    return key.expires_ms is not None and key.expires_ms <= now_ms()
