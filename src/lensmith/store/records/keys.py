"""Keys, their material and their aliases. The material is kept sealed under the root key."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.key import Key, KeyName, KeyState
from lensmith.store.records.key_tables import key_aliases, key_materials, keys
from lensmith.store.root_key import RootKey

MATERIAL_BYTES = 32


@dataclass(frozen=True, slots=True)
class Alias:
    """A further name of a key."""

    account_id: str
    region: str
    name: str
    key_id: str
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class Rotation:
    """One material of a key, without the secret."""

    number: int
    kind: str  # AUTOMATIC, ON_DEMAND; empty: the first
    created_ms: int


def create(
    connection: Connection,
    account_id: str,
    region: str,
    policy: str,
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> Key:
    """Add a key with fresh material."""
    key_id = str(uuid.uuid4())
    connection.execute(
        insert(keys).values(
            key_id=key_id,
            account_id=account_id,
            region=region,
            description=description,
            state=KeyState.ENABLED,
            policy=policy,
            tags=dict(tags or {}),
            material=1,
            created_ms=now_ms(),
        )
    )
    _add_material(connection, key_id, 1, "")
    found = find(connection, key_id)
    assert found is not None
    return found


def find(connection: Connection, key_id: str) -> Key | None:
    """Find a key by its id; None for one whose waiting period is over."""
    row = connection.execute(_BY_ID, {"given": key_id, "now": now_ms()}).one_or_none()
    return None if row is None else _key(row)


def find_named(connection: Connection, name: KeyName) -> Key | None:
    """Find a key by id or alias in an account and region."""
    key_id = name.key_id
    if name.alias:
        alias = find_alias(connection, name)
        if alias is None:
            return None
        key_id = alias.key_id
    key = find(connection, key_id)
    if key is None or (key.account_id, key.region) != (name.account_id, name.region):
        return None
    return key


def list_all(connection: Connection, account_id: str, region: str) -> list[Key]:
    query = _alive(now_ms()).where(keys.c.account_id == account_id, keys.c.region == region)
    return [_key(row) for row in connection.execute(query.order_by(keys.c.key_id))]


def change(connection: Connection, key_id: str, **values: Any) -> None:
    connection.execute(update(keys).where(keys.c.key_id == key_id).values(**values))


def rotate(connection: Connection, key: Key, kind: str) -> int:
    """Add material that encrypts from now on; returns its number. Older material still decrypts."""
    number = key.material + 1
    _add_material(connection, key.key_id, number, kind)
    change(connection, key.key_id, material=number)
    return number


def material(connection: Connection, key_id: str, number: int) -> bytes | None:
    """Unseal one material of a key."""
    query = select(key_materials.c.sealed).where(
        key_materials.c.key_id == key_id, key_materials.c.number == number
    )
    sealed = connection.execute(query).scalar()
    if sealed is None:
        return None
    return _root_key(connection).unseal(sealed.encode(), _sealed_as(key_id, number))


def material_id(key_id: str, number: int) -> str:
    """Return the public name of a material, 64 hex digits as KMS has them."""
    return hashlib.sha256(_sealed_as(key_id, number).encode()).hexdigest()


def rotations(connection: Connection, key_id: str) -> list[Rotation]:
    """Return the materials of a key, oldest first."""
    query = (
        select(key_materials)
        .where(key_materials.c.key_id == key_id)
        .order_by(key_materials.c.number)
    )
    return [Rotation(row.number, row.rotation, row.created_ms) for row in connection.execute(query)]


def due_for_rotation(connection: Connection) -> list[Key]:
    query = _alive(now_ms()).where(
        keys.c.state == KeyState.ENABLED,
        keys.c.rotation_days.is_not(None),
        keys.c.next_rotation_ms <= now_ms(),
    )
    return [_key(row) for row in connection.execute(query)]


def has_expired(connection: Connection) -> bool:
    """Return whether a key's waiting period is over."""
    query = select(keys.c.key_id).where(keys.c.deletion_ms <= now_ms()).limit(1)
    return connection.execute(query).first() is not None


def count_materials(connection: Connection) -> int:
    """Count the materials of all keys; each rotation adds one."""
    return connection.execute(select(func.count()).select_from(key_materials)).scalar_one()


def remove_expired(connection: Connection) -> int:
    """Delete the keys whose waiting period is over, with their material; returns their number."""
    return connection.execute(delete(keys).where(keys.c.deletion_ms <= now_ms())).rowcount


def create_alias(connection: Connection, name: KeyName, key_id: str) -> None:
    """Add an alias; raises sqlalchemy.exc.IntegrityError when the name is taken."""
    now = now_ms()
    connection.execute(
        insert(key_aliases).values(
            account_id=name.account_id,
            region=name.region,
            name=name.alias,
            key_id=key_id,
            created_ms=now,
            updated_ms=now,
        )
    )


def find_alias(connection: Connection, name: KeyName) -> Alias | None:
    given = {"account": name.account_id, "region": name.region, "name": name.alias}
    row = connection.execute(_BY_ALIAS, given).one_or_none()
    return None if row is None else Alias(**row._mapping)


def move_alias(connection: Connection, name: KeyName, key_id: str) -> None:
    changed = update(key_aliases).where(*_of(name))
    connection.execute(changed.values(key_id=key_id, updated_ms=now_ms()))


def delete_alias(connection: Connection, name: KeyName) -> None:
    connection.execute(delete(key_aliases).where(*_of(name)))


def list_aliases(connection: Connection, account_id: str, region: str) -> list[Alias]:
    """Return the aliases of an account in a region, by name."""
    query = (
        select(key_aliases)
        .where(key_aliases.c.account_id == account_id, key_aliases.c.region == region)
        .order_by(key_aliases.c.name)
    )
    return [Alias(**row._mapping) for row in connection.execute(query)]


def _alive(now: Any) -> Any:
    return select(keys).where(or_(keys.c.deletion_ms.is_(None), keys.c.deletion_ms > now))


# Built once: building a statement takes longer than running it.
_BY_ID = _alive(bindparam("now")).where(keys.c.key_id == bindparam("given"))
_BY_ALIAS = select(key_aliases).where(
    key_aliases.c.account_id == bindparam("account"),
    key_aliases.c.region == bindparam("region"),
    key_aliases.c.name == bindparam("name"),
)


def _of(name: KeyName) -> tuple[Any, ...]:
    return (
        key_aliases.c.account_id == name.account_id,
        key_aliases.c.region == name.region,
        key_aliases.c.name == name.alias,
    )


def _key(row: Any) -> Key:
    return Key(**{**row._mapping, "state": KeyState(row.state)})


def _add_material(connection: Connection, key_id: str, number: int, kind: str) -> None:
    fresh = secrets.token_bytes(MATERIAL_BYTES)
    sealed = _root_key(connection).seal(fresh, _sealed_as(key_id, number)).decode()
    connection.execute(
        insert(key_materials).values(
            key_id=key_id, number=number, sealed=sealed, rotation=kind, created_ms=now_ms()
        )
    )


def _sealed_as(key_id: str, number: int) -> str:
    return f"key {key_id} {number}"


def _root_key(connection: Connection) -> RootKey:
    root_key = connection.get_execution_options()["root_key"]
    assert isinstance(root_key, RootKey)
    return root_key
