"""Aliases: further names of keys, which can move from one key to another."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError

from lensmith.domain.key import alias_arn
from lensmith.domain.key_errors import AliasExistsError
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.named import alias_name, judged, key_name, missing, named_key
from lensmith.operations.kms.pages import page
from lensmith.store.keyring.embedded import refuse_pending_deletion
from lensmith.store.records import keys


def create_alias(service: Service, call: Call) -> dict[str, Any]:
    name = alias_name(service, call)
    try:
        with service.records.write() as connection:
            key = named_key(connection, service, call, "TargetKeyId")
            refuse_pending_deletion(key)
            keys.create_alias(connection, name, key.key_id)
    except IntegrityError:
        arn = alias_arn(name.region, name.account_id, name.alias)
        raise AliasExistsError(f"An alias with the name {arn} already exists") from None
    return {}


def update_alias(service: Service, call: Call) -> dict[str, Any]:
    name = alias_name(service, call)
    with service.records.write() as connection:
        if keys.find_alias(connection, name) is None:
            raise missing(name.alias)
        key = named_key(connection, service, call, "TargetKeyId")
        refuse_pending_deletion(key)
        keys.move_alias(connection, name, key.key_id)
    return {}


def delete_alias(service: Service, call: Call) -> dict[str, Any]:
    name = alias_name(service, call)
    with service.records.write() as connection:
        if keys.find_alias(connection, name) is None:
            raise missing(name.alias)
        keys.delete_alias(connection, name)
    return {}


def list_aliases(service: Service, call: Call) -> dict[str, Any]:
    """List the aliases of the account, or those of one key."""
    region, account_id = service.settings.region, call.caller.account_id
    with service.records.read() as connection:
        found = keys.list_aliases(connection, account_id, region)
    if "KeyId" in call.request:
        key = judged(service, call, key_name(service, call)).key
        found = [alias for alias in found if alias.key_id == key.key_id]
    items = [
        {
            "AliasName": alias.name,
            "AliasArn": alias_arn(region, account_id, alias.name),
            "TargetKeyId": alias.key_id,
            "CreationDate": alias.created_ms / 1000,
            "LastUpdatedDate": alias.updated_ms / 1000,
        }
        for alias in found
    ]
    return page(service, call, "Aliases", items)
