from __future__ import annotations

import pytest
from sqlalchemy import Connection

from lensmith.domain.policy.decide import AccessRequest, Reason, decide
from lensmith.domain.policy.identity import PrincipalType
from lensmith.store.records import accounts, groups, managed_policies, principals
from lensmith.store.records.principals import Principal, PrincipalKind

ACCOUNT = "111122223333"
DETECT = AccessRequest("rekognition:DetectCustomLabels", "*", {})
FULL = "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess"
S3_ONLY = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}


@pytest.fixture
def ada(write: Connection) -> Principal:
    accounts.create_account(write, ACCOUNT)
    return principals.create(write, ACCOUNT, PrincipalKind.USER, "ada", tags={"team": "vision"})


def reason(write: Connection, key_id: str) -> Reason:
    key = accounts.find_access_key(write, key_id)
    assert key is not None
    return decide(key.rights, DETECT).reason


def test_rights_come_from_inline_attached_and_group_policies(
    write: Connection, ada: Principal
) -> None:
    key_id = accounts.create_access_key(write, ada.arn).access_key_id
    assert reason(write, key_id) is Reason.NO_IDENTITY_ALLOW
    team = groups.create(write, ACCOUNT, "team")
    groups.add_member(write, team.arn, ada.arn)
    managed_policies.attach(write, team.arn, FULL)
    assert reason(write, key_id) is Reason.ALLOWED_BY_IDENTITY
    boundary = managed_policies.create(write, ACCOUNT, "edge", S3_ONLY)
    principals.change(write, ada.arn, boundary_arn=boundary.arn)
    assert reason(write, key_id) is Reason.NO_BOUNDARY_ALLOW
    wider = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert managed_policies.add_version(write, boundary, wider, is_default=True) == 2
    assert reason(write, key_id) is Reason.ALLOWED_BY_IDENTITY
    managed_policies.remove(write, boundary.arn)  # a boundary that is gone allows nothing
    assert reason(write, key_id) is Reason.MALFORMED_POLICY
    principals.change(write, ada.arn, boundary_arn=None)
    assert groups.remove_member(write, team.arn, ada.arn)
    assert reason(write, key_id) is Reason.NO_IDENTITY_ALLOW


def test_a_session_of_a_role_has_its_names_tags_and_limits(
    write: Connection, ada: Principal
) -> None:
    role = principals.create(
        write, ACCOUNT, PrincipalKind.ROLE, "labeller", path="/a/", tags={"team": "audio"}
    )
    managed_policies.attach(write, role.arn, FULL)
    session = {"name": "monday", "tags": {"stage": "test"}, "policies": [S3_ONLY]}
    key = accounts.create_access_key(write, role.arn, "token", 10**13, session)
    identity = key.rights.identity
    assert identity.type is PrincipalType.ASSUMED_ROLE
    assert identity.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/labeller/monday"
    assert identity.role_arn == f"arn:aws:iam::{ACCOUNT}:role/a/labeller"
    assert identity.user_id == f"{role.unique_id}:monday"
    assert identity.tags == {"team": "audio", "stage": "test"}
    assert reason(write, key.access_key_id) is Reason.NO_SESSION_ALLOW
    assert accounts.delete_sessions(write, role.arn) == 1
    assert accounts.find_access_key(write, key.access_key_id) is None


def test_an_inactive_key_is_unknown_and_a_deleted_one_gone(
    write: Connection, ada: Principal
) -> None:
    key = accounts.create_access_key(write, ada.arn)
    assert accounts.set_active(write, key.access_key_id, active=False)
    assert accounts.find_access_key(write, key.access_key_id) is None
    assert [one.is_active for one in accounts.list_access_keys(write, ada.arn)] == [False]
    assert accounts.set_active(write, key.access_key_id, active=True)
    assert accounts.find_access_key(write, key.access_key_id) == key
    assert accounts.delete_access_key(write, key.access_key_id)
    assert not accounts.delete_access_key(write, key.access_key_id)


def test_a_renamed_user_keeps_keys_id_groups_and_policies(
    write: Connection, ada: Principal
) -> None:
    key = accounts.create_access_key(write, ada.arn)
    team = groups.create(write, ACCOUNT, "team")
    groups.add_member(write, team.arn, ada.arn)
    managed_policies.attach(write, ada.arn, FULL)
    principals.rename(write, ada, "eve", "/x/")
    found = accounts.find_access_key(write, key.access_key_id)
    assert found is not None
    assert found.caller.arn == f"arn:aws:iam::{ACCOUNT}:user/x/eve"
    assert found.principal.unique_id == ada.unique_id
    assert groups.member_arns(write, team.arn) == [found.principal.arn]
    assert managed_policies.attached_arns(write, found.principal.arn) == [FULL]
    assert principals.find(write, ACCOUNT, PrincipalKind.USER, "EVE") == found.principal
    assert principals.find(write, ACCOUNT, PrincipalKind.USER, "ada") is None
