"""Buckets: their owners, policies, CORS rules, public access blocks and ownership controls.

The objects are the store's; what decides about access to them is here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from lensmith.domain.bucket import Bucket, CorsRule, DefaultKey
from lensmith.domain.clock import now_ms
from lensmith.store.records.bucket_tables import buckets


def find(connection: Connection, name: str) -> Bucket | None:
    row = connection.execute(_BY_NAME, {"given": name}).one_or_none()
    return _bucket(row._mapping) if row is not None else None


def owned_by(connection: Connection, account_id: str) -> list[Bucket]:
    """Return the buckets of an account, by name."""
    rows = connection.execute(
        select(buckets).where(buckets.c.account_id == account_id).order_by(buckets.c.name)
    )
    return [_bucket(row._mapping) for row in rows]


def names(connection: Connection) -> set[str]:
    """Return the names of all buckets, of every account."""
    return set(connection.scalars(select(buckets.c.name)))


def add(connection: Connection, bucket: Bucket) -> None:
    """Add a bucket; raises sqlalchemy.exc.IntegrityError when the name is taken."""
    connection.execute(
        insert(buckets).values(
            name=bucket.name,
            account_id=bucket.account_id,
            region=bucket.region,
            created_ms=bucket.created_ms or now_ms(),
            policy=bucket.policy_text,
            cors=[asdict(rule) for rule in bucket.cors] or None,
            public_access=bucket.public_access,
            ownership=bucket.ownership,
            default_key=None if bucket.default_key is None else asdict(bucket.default_key),
        )
    )


def remove(connection: Connection, name: str) -> None:
    connection.execute(delete(buckets).where(buckets.c.name == name))


def set_policy(connection: Connection, name: str, text: str | None) -> None:
    """Replace the policy by a JSON document, or remove it."""
    _set(connection, name, policy=text)


def set_cors(connection: Connection, name: str, rules: tuple[CorsRule, ...]) -> None:
    _set(connection, name, cors=[asdict(rule) for rule in rules] or None)


def set_public_access(connection: Connection, name: str, flags: dict[str, bool] | None) -> None:
    _set(connection, name, public_access=flags)


def set_ownership(connection: Connection, name: str, ownership: str | None) -> None:
    _set(connection, name, ownership=ownership)


def set_default_key(connection: Connection, name: str, key: DefaultKey | None) -> None:
    _set(connection, name, default_key=None if key is None else asdict(key))


_BY_NAME = select(buckets).where(buckets.c.name == bindparam("given"))


def _set(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(buckets).where(buckets.c.name == name).values(**values))


def _bucket(row: Any) -> Bucket:
    text = row["policy"]
    return Bucket(
        name=row["name"],
        account_id=row["account_id"],
        region=row["region"],
        created_ms=row["created_ms"],
        policy=msgspec.json.decode(text) if text else None,
        cors=tuple(msgspec.convert(row["cors"] or [], list[CorsRule])),
        public_access=row["public_access"],
        ownership=row["ownership"],
        default_key=msgspec.convert(row["default_key"], DefaultKey | None),
        policy_text=text,
    )
