"""KMS through boto3 and the AWS CLI."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.boto3.identities import Account, account, allow, code_of
from tests.support import command
from tests.support.live_server import LiveServer

from lensmith.domain import key_errors
from lensmith.operations.kms.table import OPERATIONS
from lensmith.store.records.engine import Records
from lensmith.wire import kms_model

__all__ = ["account"]
CONTEXT = {"team": "x", "purpose": "test"}


@pytest.fixture
def kms(account: Account) -> Any:
    return account.client("kms")


@pytest.fixture
def key_id(kms: Any) -> str:
    return str(kms.create_key(Description="of a test")["KeyMetadata"]["KeyId"])


def test_the_cli_makes_a_key_and_encrypts(lensmith_env: dict[str, str], tmp_path: Path) -> None:
    def aws(*words: str) -> Any:
        return command.aws_answer(lensmith_env, "kms", *words)

    key = aws("create-key", "--tags", "TagKey=a,TagValue=b")["KeyMetadata"]
    assert key["Arn"] == f"arn:aws:kms:us-east-1:000000000000:key/{key['KeyId']}"
    aws("create-alias", "--alias-name", "alias/by-cli", "--target-key-id", key["KeyId"])
    sealed = aws("encrypt", "--key-id", "alias/by-cli", "--plaintext", "of the CLI")
    file = tmp_path / "sealed"
    file.write_bytes(base64.b64decode(sealed["CiphertextBlob"]))
    opened = aws("decrypt", "--ciphertext-blob", f"fileb://{file}")
    assert base64.b64decode(opened["Plaintext"]) == b"of the CLI"
    assert opened["KeyId"] == key["Arn"]


def test_a_key_is_described_listed_and_found_by_every_name(kms: Any, key_id: str) -> None:
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id)
    described = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert described["KeyState"] == "Enabled"
    assert described["Description"] == "of a test"
    alias_arn = described["Arn"].replace(f"key/{key_id}", "alias/mine")
    for name in (described["Arn"], "alias/mine", alias_arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key_id
    assert [key["KeyArn"] for key in kms.list_keys()["Keys"]] == [described["Arn"]]
    (alias,) = kms.list_aliases(KeyId=key_id)["Aliases"]
    assert alias["AliasArn"] == alias_arn
    assert code_of(lambda: kms.enable_key(KeyId="alias/mine")) == "NotFoundException"
    assert (
        code_of(lambda: kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id))
        == "AlreadyExistsException"
    )
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName="alias/mine", TargetKeyId=other)
    assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"] == other
    kms.delete_alias(AliasName="alias/mine")
    assert code_of(lambda: kms.describe_key(KeyId="alias/mine")) == "NotFoundException"
    first = kms.list_keys(Limit=1)
    second = kms.list_keys(Limit=1, Marker=first["NextMarker"])
    assert {first["Keys"][0]["KeyId"], second["Keys"][0]["KeyId"]} == {key_id, other}
    assert code_of(lambda: kms.list_keys(Marker="x")) == "InvalidMarkerException"


def test_it_encrypts_and_decrypts_with_the_same_context_alone(kms: Any, key_id: str) -> None:
    sealed = kms.encrypt(KeyId=key_id, Plaintext=b"secret", EncryptionContext=CONTEXT)
    blob = sealed["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=dict(reversed(CONTEXT.items())))
    assert opened["Plaintext"] == b"secret"
    for wrong in ({}, {"team": "y"}):
        assert (
            code_of(partial(kms.decrypt, CiphertextBlob=blob, EncryptionContext=wrong))
            == "InvalidCiphertextException"
        )
    broken = blob[:-1] + bytes([blob[-1] ^ 1])
    for damaged in (broken, b"x", b"\x01" * 80):
        code = code_of(partial(kms.decrypt, CiphertextBlob=damaged, EncryptionContext=CONTEXT))
        assert code == "InvalidCiphertextException"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert (
        code_of(partial(kms.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=other))
        == "IncorrectKeyException"
    )
    moved = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext=CONTEXT,
        DestinationKeyId=other,
        DestinationEncryptionContext={"now": "here"},
    )["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=moved, EncryptionContext={"now": "here"}, KeyId=other)
    assert opened["Plaintext"] == b"secret"
    assert (
        code_of(lambda: kms.encrypt(KeyId=key_id, Plaintext=b"x", DryRun=True))
        == "DryRunOperationException"
    )


def test_data_keys(kms: Any, key_id: str) -> None:
    made = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=CONTEXT)
    assert len(made["Plaintext"]) == 32
    hidden = kms.generate_data_key_without_plaintext(KeyId=key_id, NumberOfBytes=64)
    assert "Plaintext" not in hidden
    for blob, context, size in (
        (made["CiphertextBlob"], CONTEXT, 32),
        (hidden["CiphertextBlob"], {}, 64),
    ):
        opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        assert len(opened["Plaintext"]) == size
    assert code_of(lambda: kms.generate_data_key(KeyId=key_id)) == "ValidationException"
    assert len(kms.generate_random(NumberOfBytes=7)["Plaintext"]) == 7


def test_disabled_and_deleted_keys_are_of_no_use(kms: Any, key_id: str) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]

    def uses() -> set[str | None]:
        return {
            code_of(lambda: kms.encrypt(KeyId=key_id, Plaintext=b"x")),
            code_of(partial(kms.decrypt, CiphertextBlob=blob)),
            code_of(lambda: kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")),
        }

    kms.disable_key(KeyId=key_id)
    assert uses() == {"DisabledException"}
    kms.enable_key(KeyId=key_id)
    assert uses() == {None}
    scheduled = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert scheduled["KeyState"] == "PendingDeletion"
    assert uses() == {"KMSInvalidStateException"}
    assert code_of(lambda: kms.enable_key(KeyId=key_id)) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key_id)
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"


def test_rotation_encrypts_anew_and_still_decrypts(kms: Any, key_id: str) -> None:
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"before")["CiphertextBlob"]
    before = kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key_id)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"
    fresh = kms.encrypt(KeyId=key_id, Plaintext=b"after")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=fresh)["KeyMaterialId"] != before
    (rotation,) = kms.list_key_rotations(KeyId=key_id)["Rotations"]
    assert rotation["RotationType"] == "ON_DEMAND"
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key_id)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    kms.disable_key_rotation(KeyId=key_id)
    assert not kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def test_a_key_of_another_account_is_as_one_that_is_not(
    account: Account, key_id: str, server: LiveServer, live_records: Records
) -> None:
    kms = account.client("kms")
    arn = kms.describe_key(KeyId=key_id)["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    stranger = Account(server, live_records)
    other = stranger.client("kms")
    missing = arn.replace(key_id, "00000000-0000-4000-8000-000000000000")
    for name in (arn, missing):
        assert code_of(partial(other.describe_key, KeyId=name)) == "NotFoundException"
        assert code_of(partial(other.encrypt, KeyId=name, Plaintext=b"x")) == "NotFoundException"
    assert code_of(partial(other.describe_key, KeyId=key_id)) == "NotFoundException"
    assert code_of(lambda: other.decrypt(CiphertextBlob=blob)) == "InvalidCiphertextException"
    assert other.list_keys()["Keys"] == []

    policy = json.loads(kms.get_key_policy(KeyId=key_id)["Policy"])
    root = f"arn:aws:iam::{stranger.account_id}:root"
    shared = {
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:Decrypt",
        "Resource": "*",
    }
    policy["Statement"].append(shared)
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))
    assert other.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code_of(partial(other.encrypt, KeyId=arn, Plaintext=b"x")) == "AccessDeniedException"


def test_the_keys_policy_decides_and_grants_add_to_it(account: Account, key_id: str) -> None:
    kms = account.client("kms")
    nobody = account.user("nobody")
    able = account.user("able", allow("kms:*"))
    arn = f"arn:aws:iam::{account.account_id}:user/nobody"

    def encrypts(session: boto3.Session, **given: Any) -> str | None:
        client = account.client("kms", session)
        return code_of(lambda: client.encrypt(KeyId=key_id, Plaintext=b"x", **given))

    assert (encrypts(able), encrypts(nobody)) == (None, "AccessDeniedException")
    admin = f"arn:aws:iam::{account.account_id}:user/root-admin"
    own = {"Effect": "Allow", "Principal": {"AWS": admin}, "Action": "kms:*", "Resource": "*"}
    kms.put_key_policy(
        KeyId=key_id,
        PolicyName="default",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": own}),
    )
    assert encrypts(able) == "AccessDeniedException"  # the account is not named any more

    locked = {**own, "Principal": {"AWS": arn}}
    for document in (json.dumps({"Statement": locked}), "no JSON", "{}"):
        code = code_of(
            partial(kms.put_key_policy, KeyId=key_id, PolicyName="default", Policy=document)
        )
        assert code == "MalformedPolicyDocumentException"

    made = kms.create_grant(
        KeyId=key_id,
        GranteePrincipal=arn,
        RetiringPrincipal=arn,
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": {"team": "x"}},
    )
    assert encrypts(nobody) == "AccessDeniedException"
    assert encrypts(nobody, EncryptionContext=CONTEXT) is None
    (grant,) = kms.list_grants(KeyId=key_id)["Grants"]
    assert (grant["GrantId"], grant["GranteePrincipal"]) == (made["GrantId"], arn)
    (retirable,) = kms.list_retirable_grants(RetiringPrincipal=arn)["Grants"]
    assert retirable["GrantId"] == made["GrantId"]
    account.client("kms", nobody).retire_grant(GrantToken=made["GrantToken"])
    assert encrypts(nobody, EncryptionContext=CONTEXT) == "AccessDeniedException"
    made = kms.create_grant(KeyId=key_id, GranteePrincipal=arn, Operations=["Encrypt"])
    assert encrypts(nobody) is None
    kms.revoke_grant(KeyId=key_id, GrantId=made["GrantId"])
    assert encrypts(nobody) == "AccessDeniedException"


def test_conditions_and_tags_of_keys(account: Account, key_id: str) -> None:
    kms = account.client("kms")
    kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "team", "TagValue": "x"}])
    (tag,) = kms.list_resource_tags(KeyId=key_id)["Tags"]
    assert tag == {"TagKey": "team", "TagValue": "x"}
    condition = {"StringEquals": {"aws:ResourceTag/team": "x", "kms:EncryptionContext:a": "b"}}
    user = account.client("kms", account.user("tagged", allow("kms:Encrypt", Condition=condition)))
    user.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})
    assert code_of(lambda: user.encrypt(KeyId=key_id, Plaintext=b"x")) == "AccessDeniedException"
    kms.untag_resource(KeyId=key_id, TagKeys=["team"])
    refused = code_of(
        lambda: user.encrypt(KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "b"})
    )
    assert refused == "AccessDeniedException"


GRANTEE = "arn:aws:iam::000000000000:root"


@pytest.mark.parametrize(
    ("operator", "key", "value", "call", "given"),
    [
        ("Bool", "BypassPolicyLockoutSafetyCheck", "false", "create_key", {}),
        ("StringEquals", "CallerAccount", "ACCOUNT", "list_keys", {}),
        ("StringEquals", "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT", "create_key", {}),
        ("StringEquals", "CustomerMasterKeyUsage", "ENCRYPT_DECRYPT", "encrypt", {}),
        ("StringEquals", "EncryptionAlgorithm", "SYMMETRIC_DEFAULT", "encrypt", {}),
        ("StringEquals", "EncryptionContext:a", "b", "encrypt", {"EncryptionContext": {"a": "b"}}),
        (
            "ForAnyValue:StringEquals",
            "EncryptionContextKeys",
            "a",
            "create_grant",
            {"Constraints": {"EncryptionContextSubset": {"a": "b"}}},
        ),
        (
            "ForAnyValue:StringEquals",
            "GrantConstraintType",
            "EncryptionContextEquals",
            "create_grant",
            {"Constraints": {"EncryptionContextEquals": {"a": "b"}}},
        ),
        ("StringEquals", "GranteePrincipal", GRANTEE, "create_grant", {}),
        ("Bool", "GrantIsForAWSResource", "false", "list_grants", {}),
        ("ForAnyValue:StringEquals", "GrantOperations", "Encrypt", "create_grant", {}),
        ("StringEquals", "KeyOrigin", "AWS_KMS", "describe_key", {}),
        ("StringEquals", "KeySpec", "SYMMETRIC_DEFAULT", "describe_key", {}),
        ("StringEquals", "KeyUsage", "ENCRYPT_DECRYPT", "create_key", {}),
        ("Bool", "MultiRegion", "false", "create_key", {}),
        (
            "StringEquals",
            "RetiringPrincipal",
            GRANTEE,
            "create_grant",
            {"RetiringPrincipal": GRANTEE},
        ),
        ("StringEquals", "RequestAlias", "alias/named", "encrypt", {"KeyId": "alias/named"}),
        ("NumericEquals", "RotationPeriodInDays", "365", "enable_key_rotation", {}),
        (
            "NumericLessThan",
            "ScheduleKeyDeletionPendingWindowInDays",
            "10",
            "schedule_key_deletion",
            {"PendingWindowInDays": 7},
        ),
        ("Null", "ViaService", "true", "encrypt", {}),
        ("Bool", "ReEncryptOnSameKey", "true", "re_encrypt", {}),
    ],
)
def test_a_deny_counts_whatever_its_key(
    account: Account,
    key_id: str,
    operator: str,
    key: str,
    value: str,
    call: str,
    given: dict[str, Any],
) -> None:
    kms = account.client("kms")
    members: dict[str, Any] = {}
    if not call.startswith(("list_keys", "create_key", "re_encrypt")):
        members["KeyId"] = key_id
    if call == "encrypt":
        members["Plaintext"] = b"x"
    if call == "create_grant":
        members |= {"GranteePrincipal": GRANTEE, "Operations": ["Encrypt", "Decrypt"]}
    if call == "re_encrypt":
        sealed = kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
        members |= {"CiphertextBlob": sealed, "DestinationKeyId": key_id}
    if given.get("KeyId"):
        kms.create_alias(AliasName=given["KeyId"], TargetKeyId=key_id)
    statement = {"Action": "kms:*", "Resource": "*"}
    condition = {operator: {f"kms:{key}": value.replace("ACCOUNT", account.account_id)}}
    denying = {"Effect": "Deny", "Condition": condition, **statement}
    statements = [{"Effect": "Allow", **statement}, denying]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    client = account.client("kms", account.user("narrow", document))
    refusal = code_of(partial(getattr(client, call), **members | given))
    assert refusal == "AccessDeniedException"


def test_material_that_is_not_ours_is_refused(kms: Any) -> None:
    for given in ({"KeySpec": "RSA_2048"}, {"Origin": "EXTERNAL"}, {"MultiRegion": True}):
        assert code_of(partial(kms.create_key, **given)) == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "call",
    [
        lambda kms: kms.describe_key(KeyId="arn:aws:s3:::b"),
        lambda kms: kms.describe_key(KeyId="x" * 3000),
        lambda kms: kms.create_alias(AliasName="mine", TargetKeyId="x"),
        lambda kms: kms.create_alias(AliasName="alias/aws/s3", TargetKeyId="x"),
        lambda kms: kms.delete_alias(AliasName="alias/unknown"),
        lambda kms: kms.retire_grant(GrantToken="x"),
        lambda kms: kms.retire_grant(),
        lambda kms: kms.decrypt(),
        lambda kms: kms.re_encrypt(DestinationKeyId="x"),
        lambda kms: kms.list_aliases(KeyId="unknown"),
        lambda kms: kms.sign(KeyId="x", Message=b"x", SigningAlgorithm="ECDSA_SHA_256"),
    ],
)
def test_errors_are_modelled(kms: Any, call: Callable[[Any], Any]) -> None:
    with pytest.raises(ClientError) as raised:
        call(kms)
    code = raised.value.response["Error"]["Code"]
    operation = raised.value.operation_name
    common = {"ValidationException", "UnknownOperationException"}
    assert code in kms_model.error_codes(operation) | common


def test_every_operation_is_of_the_model() -> None:
    for name in OPERATIONS:
        kms_model.input_shape(name)
    codes = {code for name in OPERATIONS for code in kms_model.error_codes(name)}
    ours = {error.code for error in key_errors.KmsError.__subclasses__()}
    assert ours - {"ValidationException"} <= codes
