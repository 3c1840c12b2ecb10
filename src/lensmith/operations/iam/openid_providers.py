"""OpenID Connect providers: issuers whose tokens the roles of the account may trust."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from lensmith.domain.identity_errors import (
    EntityAlreadyExistsError,
    IdentityLimitExceededError,
    InvalidInputError,
    NoSuchEntityError,
)
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import page, tag_list, tagged, untagged
from lensmith.store.records import accounts, openid_providers
from lensmith.store.records.openid_providers import OpenIdProvider, provider_arn

_PROVIDERS, _CLIENTS, _THUMBPRINTS = 100, 100, 5  # of an account, of a provider
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@/-]*)?")
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")


def create_open_id_connect_provider(service: Service, call: Call) -> dict[str, Any]:
    given, account_id = call.request, call.caller.account_id
    url = issuer_of(given["Url"])
    clients = _distinct(given.get("ClientIDList") or (), _CLIENTS, "client IDs")
    thumbprints, labels = _thumbprints(given.get("ThumbprintList") or ()), tagged(call, {})
    with service.records.write() as connection:
        accounts.lock(connection, account_id)
        found = openid_providers.list_all(connection, account_id)
        if any(each.arn == provider_arn(account_id, url) for each in found):
            raise EntityAlreadyExistsError(f"Provider with url {url} already exists.")
        if len(found) >= _PROVIDERS:
            raise IdentityLimitExceededError(
                f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {_PROVIDERS}"
            )
        made = openid_providers.create(connection, account_id, url, clients, thumbprints, labels)
    return {"OpenIDConnectProviderArn": made.arn, "Tags": tag_list(labels) or None}


def get_open_id_connect_provider(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        found = _named(connection, call)
    return {
        "Url": found.url.removeprefix("https://"),
        "ClientIDList": list(found.client_ids),
        "ThumbprintList": list(found.thumbprints),
        "CreateDate": found.created_ms // 1000,
        "Tags": tag_list(found.tags) or None,
    }


def list_open_id_connect_providers(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        found = openid_providers.list_all(connection, call.caller.account_id)
    return {"OpenIDConnectProviderList": [{"Arn": each.arn} for each in found]}


def delete_open_id_connect_provider(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        openid_providers.remove(connection, _named(connection, call).arn)
    return {}


def add_client_id(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        found = _named(connection, call)
        clients = _distinct((*found.client_ids, call.request["ClientID"]), _CLIENTS, "client IDs")
        openid_providers.change(connection, found.arn, client_ids=clients)
    return {}


def remove_client_id(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        found = _named(connection, call)
        clients = [each for each in found.client_ids if each != call.request["ClientID"]]
        openid_providers.change(connection, found.arn, client_ids=clients)
    return {}


def update_thumbprint(service: Service, call: Call) -> dict[str, Any]:
    thumbprints = _thumbprints(call.request["ThumbprintList"])
    with service.records.write() as connection:
        found = _named(connection, call)
        openid_providers.change(connection, found.arn, thumbprints=thumbprints)
    return {}


def tag_provider(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        found = _named(connection, call)
        openid_providers.change(connection, found.arn, tags=tagged(call, found.tags))
    return {}


def untag_provider(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        found = _named(connection, call)
        openid_providers.change(connection, found.arn, tags=untagged(call, found.tags))
    return {}


def list_provider_tags(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return page(call, "Tags", tag_list(_named(connection, call).tags))


def issuer_of(url: str) -> str:
    """Return an issuer that a provider may have; raises InvalidInputError."""
    try:
        is_port_right = urlsplit(url).port != 0
    except ValueError:
        is_port_right = False
    if _URL.fullmatch(url) is None or not is_port_right:
        raise InvalidInputError(
            "The Url must be the issuer of the provider's tokens: https://, a host, and perhaps a "
            "path, without a query."
        )
    return url


def _named(connection: Connection, call: Call) -> OpenIdProvider:
    arn = call.request["OpenIDConnectProviderArn"]
    found = openid_providers.find(connection, arn)
    if found is None or found.account_id != call.caller.account_id:
        raise NoSuchEntityError(f"OpenIDConnect Provider not found for arn {arn}")
    return found


def _distinct(given: Iterable[str], most: int, noun: str) -> list[str]:
    found = list(dict.fromkeys(given))
    if len(found) > most:
        raise IdentityLimitExceededError(f"A provider can have up to {most} {noun}.")
    return found


def _thumbprints(given: Iterable[str]) -> list[str]:
    found = _distinct((each.lower() for each in given), _THUMBPRINTS, "thumbprints")
    if not all(map(_THUMBPRINT.fullmatch, found)):
        raise InvalidInputError(
            "A thumbprint is the SHA-1 of a certificate: 40 hexadecimal digits."
        )
    return found
