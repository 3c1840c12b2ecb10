"""A key that another service keeps, as far as it is known here."""

from __future__ import annotations

from lensmith.domain.key import Key, KeyState


def foreign_key(key_id: str, account_id: str, region: str, state: KeyState) -> Key:
    return Key(
        key_id=key_id,
        account_id=account_id,
        region=region,
        description="",
        state=state,
        policy="",
        tags={},
        material=0,
        created_ms=0,
    )
