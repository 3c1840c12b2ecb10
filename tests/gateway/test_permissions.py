"""What requests need, beside the action that their operation is named for."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.address import address, copy_source
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.grammar.table import OPERATIONS
from lensmith.gateway.http.proxies import Client
from lensmith.gateway.http.request import NO_BODY, Request
from lensmith.gateway.judge import Permission
from lensmith.gateway.permissions import (
    permission_to_delete,
    permission_to_read,
    permissions_of,
)

NAMED = address("farm", "k")


def needed(
    name: str, query: Query | None = None, headers: dict[str, str] | None = None
) -> list[Permission]:
    request = Request("PUT", "/", "", headers or {}, NO_BODY, Client("127.0.0.1", False), "1")
    (operation,) = (each for each in OPERATIONS if each.name == name)
    return permissions_of(operation, NAMED, query or {}, request, None)


def actions(found: list[Permission]) -> list[str]:
    return [each.action for each in found]


def test_a_write_needs_a_right_for_each_thing_that_it_sets() -> None:
    headers = {
        "x-amz-tagging": "Garden=north&empty=",
        "x-amz-grant-read": "id=1",
        "x-amz-object-lock-retain-until-date": "2030",
        "x-amz-object-lock-legal-hold": "ON",
    }
    found = needed("PutObject", headers=headers)
    assert actions(found) == [
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:PutObjectAcl",
        "s3:PutObjectRetention",
        "s3:PutObjectLegalHold",
    ]
    assert found[0].keys["s3:requestobjecttagkeys"] == ("Garden", "empty")
    assert found[0].keys["s3:requestobjecttag/garden"] == ("north",)


def test_going_round_a_retention_is_a_right_of_its_own() -> None:
    bypass = {"x-amz-bypass-governance-retention": "true"}
    found = needed("DeleteObject", headers=bypass)
    assert actions(found) == ["s3:DeleteObject", "s3:BypassGovernanceRetention"]
    assert actions(needed("GetObject", headers=bypass)) == ["s3:GetObject"]


def test_a_version_has_rights_of_its_own() -> None:
    name = "GetObjectAttributes"
    assert actions(needed(name)) == ["s3:GetObject", "s3:GetObjectAttributes"]
    found = needed(name, {"versionId": "7"})
    assert actions(found) == ["s3:GetObjectVersion", "s3:GetObjectVersionAttributes"]
    assert found[0].keys == {"s3:versionid": ("7",)}
    for permission, action in (
        (permission_to_read(NAMED, "", None), "s3:GetObject"),
        (permission_to_read(NAMED, "7", None), "s3:GetObjectVersion"),
        (permission_to_delete(None, "farm", "k", ""), "s3:DeleteObject"),
        (permission_to_delete(None, "farm", "k", "7"), "s3:DeleteObjectVersion"),
    ):
        assert (permission.action, permission.resource) == (action, "arn:aws:s3:::farm/k")


def test_a_listing_says_what_it_lists_and_some_calls_need_nothing() -> None:
    (found,) = needed("ListObjectsV2", {"prefix": "a/", "max-keys": "3"})
    assert found.keys == {"s3:prefix": ("a/",), "s3:max-keys": ("3",)}
    assert needed("DeleteObjects") == []  # one for each of its keys


@pytest.mark.parametrize(
    ("header", "bucket", "key", "version"),
    [
        ("/farm/a%20b", "farm", "a b", ""),
        ("farm/a/b?versionId=7", "farm", "a/b", "7"),
    ],
)
def test_the_source_of_a_copy(header: str, bucket: str, key: str, version: str) -> None:
    found, named = copy_source(header)
    assert (found.bucket, found.key, named) == (bucket, key, version)


@pytest.mark.parametrize("header", ["farm", "/farm/", "//k", "farm/k?acl=1"])
def test_a_source_that_names_no_object(header: str) -> None:
    with pytest.raises(S3Error, match="InvalidArgument"):
        copy_source(header)
