"""OpenID Connect providers that accounts name, whose tokens their roles may trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.store.records.identity_tables import openid_providers


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """A provider as it is kept; `client_ids` are the audiences whose tokens are taken."""

    arn: str
    account_id: str
    url: str  # the issuer, with its scheme
    client_ids: Sequence[str]
    thumbprints: Sequence[str]
    tags: Mapping[str, str]
    created_ms: int


def provider_arn(account_id: str, issuer: str) -> str:
    """Name a provider as policies do: by its issuer without the scheme."""
    return f"arn:aws:iam::{account_id}:oidc-provider/{issuer.partition('://')[2].rstrip('/')}"


def create(
    connection: Connection,
    account_id: str,
    url: str,
    client_ids: Sequence[str],
    thumbprints: Sequence[str],
    tags: Mapping[str, str],
) -> OpenIdProvider:
    """Add a provider; raises sqlalchemy.exc.IntegrityError when the ARN is taken."""
    values = {
        "arn": provider_arn(account_id, url),
        "account_id": account_id,
        "url": url,
        "client_ids": list(client_ids),
        "thumbprints": list(thumbprints),
        "tags": dict(tags),
        "created_ms": now_ms(),
    }
    connection.execute(insert(openid_providers).values(**values))
    return OpenIdProvider(**values)  # type: ignore[arg-type]


def find(connection: Connection, arn: str) -> OpenIdProvider | None:
    query = select(openid_providers).where(openid_providers.c.arn == arn)
    row = connection.execute(query).one_or_none()
    return None if row is None else OpenIdProvider(**row._mapping)


def list_all(connection: Connection, account_id: str) -> list[OpenIdProvider]:
    """Return the providers of an account, by ARN."""
    query = (
        select(openid_providers)
        .where(openid_providers.c.account_id == account_id)
        .order_by(openid_providers.c.arn)
    )
    return [OpenIdProvider(**row._mapping) for row in connection.execute(query)]


def change(connection: Connection, arn: str, **columns: Any) -> None:
    connection.execute(
        update(openid_providers).where(openid_providers.c.arn == arn).values(**columns)
    )


def remove(connection: Connection, arn: str) -> bool:
    """Delete a provider and return whether it was there; its sessions end as they would."""
    found = connection.execute(delete(openid_providers).where(openid_providers.c.arn == arn))
    return found.rowcount > 0
