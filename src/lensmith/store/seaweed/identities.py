"""Writes our accounts as SeaweedFS identities with IAM policies."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from lensmith.domain.policy.identity import PrincipalType
from lensmith.store.files import write_atomically
from lensmith.store.internal_key import internal_key
from lensmith.store.records import accounts
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.engine import Records


def write_identities(records: Records, path: Path) -> None:
    """Write the file that `weed -s3.config` reads at its start and at SIGHUP."""
    with records.read() as connection:
        keys = accounts.list_access_keys(connection)
    document = _document(internal_key(records), keys)
    write_atomically(path, msgspec.json.encode(document), mode=0o600)


def _document(internal: tuple[str, str], keys: Iterable[AccessKey]) -> dict[str, Any]:
    permanent = sorted(
        (key for key in keys if key.session_token is None and key.is_active),
        key=lambda key: key.caller.arn,
    )
    principals = [list(group) for _, group in groupby(permanent, key=lambda key: key.caller.arn)]
    account_ids = sorted({key.caller.account_id for key in permanent})
    return {
        "identities": [
            {"name": "lensmith", "credentials": [_credential(*internal)], "actions": ["Admin"]},
            *(_identity(keys) for keys in principals),
        ],
        "policies": [policy for keys in principals for policy in _policies(keys[0])],
        "accounts": [_account(account_id) for account_id in account_ids],
    }


def _identity(keys: list[AccessKey]) -> dict[str, Any]:
    """Make the identity of one principal; SeaweedFS evaluates its IAM policies unchanged."""
    caller = keys[0].caller
    return {
        "name": caller.arn,
        "credentials": [_credential(key.access_key_id, key.secret_access_key) for key in keys],
        "account": _account(caller.account_id),
        "actions": ["Admin"] if keys[0].rights.identity.type is PrincipalType.ACCOUNT else [],
        "policyNames": [policy["name"] for policy in _policies(keys[0])],
    }


def _policies(key: AccessKey) -> list[dict[str, str]]:
    return [
        {"name": f"{key.caller.arn}#{number}", "content": msgspec.json.encode(policy).decode()}
        for number, policy in enumerate(key.principal.policies.values())
    ]


def _credential(access_key_id: str, secret: str) -> dict[str, str]:
    return {"accessKey": access_key_id, "secretKey": secret}


def _account(account_id: str) -> dict[str, str]:
    """Make an account; GetBucketAcl returns its id as Owner.ID (api.md 4.2)."""
    return {"id": account_id, "displayName": account_id, "emailAddress": ""}
