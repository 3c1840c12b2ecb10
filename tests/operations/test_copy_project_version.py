"""CopyProjectVersion, rows C1 to C17, K1 to K6 and K10 of copying.md; no file is copied here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.operations.bench import ACCOUNT, CALLER, Bench

from lensmith.api.authenticate import Principal
from lensmith.api.authorise import authorise
from lensmith.api.request import ApiRequest, ClientConnection
from lensmith.domain.caller import Caller
from lensmith.domain.errors import (
    AccessDeniedException,
    InvalidParameterException,
    LimitExceededException,
    ServiceQuotaExceededException,
)
from lensmith.domain.job import JobKind
from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.domain.project import Project, ProjectStatus
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.records import jobs, project_policies, project_versions, projects, tags
from lensmith.wire.sigv4 import SignedRequest

TRUSTING = "999988887777"  # the account of the source, where it is another
COPY, MAKE, TAG = (
    f"rekognition:{name}" for name in ("CopyProjectVersion", "CreateProjectVersion", "TagResource")
)
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/copier"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/copier/monday"


def allow(*actions: str, resource: str | list[str] = "*", effect: str = "Allow") -> Policy:
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return Policy.parse({"Version": "2012-10-17", "Statement": [statement]})


def project_policy(principal: Any, effect: str = "Allow", resource: str = "*") -> dict[str, Any]:
    named = principal if principal == "*" else {"AWS": principal}
    return {"Effect": effect, "Principal": named, "Action": COPY, "Resource": resource}


BOTH = (allow(COPY, MAKE),)
ONLY_MAKING = (allow(MAKE),)
AS_USER = Identity(PrincipalType.USER, ACCOUNT, USER, "AIDA")
AS_ROOT = Identity(PrincipalType.ACCOUNT, ACCOUNT, ROOT, ACCOUNT)
AS_SESSION = Identity(PrincipalType.ASSUMED_ROLE, ACCOUNT, SESSION, "AROA:monday", role_arn=ROLE)


@dataclass(frozen=True)
class Question:
    """Who asks for a copy of which account's version, and what the project's policies say."""

    rights: Rights
    source_account: str = ACCOUNT
    statements: Sequence[dict[str, Any]] = ()  # of one project policy each
    members: dict[str, Any] = field(default_factory=dict)  # of the request, beside the usual ones


def user(policies: tuple[Policy, ...] = BOTH, **more: Any) -> Rights:
    return Rights(AS_USER, policies, **more)


@dataclass(frozen=True)
class Models:
    """A version of one account, and a project of the caller's."""

    project: Project
    version: ProjectVersion
    destination: Project

    def request(self, **more: Any) -> dict[str, Any]:
        return {
            "SourceProjectArn": self.project.arn,
            "SourceProjectVersionArn": self.version.arn,
            "DestinationProjectArn": self.destination.arn,
            "VersionName": "copied",
            "OutputConfig": {"S3Bucket": "results", "S3KeyPrefix": "copies"},
            **more,
        }


def models(
    bench: Bench,
    source_account: str = ACCOUNT,
    status: VersionStatus = VersionStatus.TRAINING_COMPLETED,
) -> Models:
    with bench.service.records.write() as connection:
        project = projects.create(connection, source_account, "us-east-1", "source")
    return Models(project, bench.version(project, "v1", status), bench.project("destination"))


def denial(bench: Bench, question: Question) -> str | None:
    """What the judge says of a copy; None if it is allowed."""
    given = models(bench, question.source_account)
    with bench.service.records.write() as connection:
        for number, statement in enumerate(question.statements):
            document = {"Version": "2012-10-17", "Statement": statement}
            written = json.dumps(document).replace("THE_VERSION", given.version.arn)
            written = written.replace("VERSIONS", given.version.arn.partition("/v1/")[0])
            project_policies.create(connection, given.project.id, f"p{number}", written)
    return denied(bench, question.rights, given.request(**question.members))


def denied(bench: Bench, rights: Rights, request: dict[str, Any]) -> str | None:
    caller = Caller(ACCOUNT, rights.identity.arn, "AKIAEXAMPLE")
    permissions = bench.as_caller(caller).permissions("CopyProjectVersion", **request)
    principal = Principal(caller, rights, "us-east-1")
    http = SignedRequest("POST", "/", "", [], b"")
    asked = ApiRequest("test", http, "127.0.0.1", False, 0.0, ClientConnection())
    try:
        authorise(principal, permissions, asked, bench.service.settings)
    except AccessDeniedException as error:
        return error.message
    return None


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Question(user()), id="C1 identity alone"),
        *(
            pytest.param(
                Question(Rights(who, ONLY_MAKING), statements=[project_policy(principal)]),
                id=f"C2 {principal}",
            )
            for who, principal in (
                (AS_USER, USER),
                (AS_USER, "*"),
                (AS_SESSION, ROLE),
                (AS_SESSION, SESSION),
            )
        ),
        *(
            pytest.param(
                Question(Rights(who, BOTH), TRUSTING, [project_policy(principal)]),
                id=f"C8 {principal}",
            )
            for who, principal in (
                (AS_USER, USER),
                (AS_USER, ACCOUNT),
                (AS_USER, ROOT),
                (AS_USER, "*"),
                (AS_SESSION, ROLE),
                (AS_SESSION, SESSION),
            )
        ),
        pytest.param(
            Question(user(), TRUSTING, [project_policy(USER, resource="THE_VERSION")]),
            id="C11 this version",
        ),
        pytest.param(
            Question(user(), TRUSTING, [project_policy(USER, resource="VERSIONS/v*")]),
            id="C11 versions by a pattern",
        ),
        pytest.param(Question(Rights(AS_ROOT), TRUSTING, [project_policy(ACCOUNT)]), id="C12 root"),
        pytest.param(
            Question(user((allow(COPY, MAKE, TAG),)), members={"Tags": {"a": "b"}}),
            id="C14 with TagResource",
        ),
        pytest.param(
            Question(user(boundary=allow("rekognition:*"), session_policies=BOTH)),
            id="C15 within the boundary",
        ),
    ],
)
def test_who_may_copy(bench: Bench, question: Question) -> None:
    assert denial(bench, question) is None


@pytest.mark.parametrize(
    "question",
    [
        *(
            pytest.param(
                Question(user(ONLY_MAKING), statements=[project_policy(principal)]),
                id=f"C3 {principal}",
            )
            for principal in (ACCOUNT, ROOT)
        ),
        *(
            pytest.param(
                Question(user(), statements=[project_policy(principal, "DENY")]),
                id=f"C4 {principal}",
            )
            for principal in (USER, ROOT, "*")
        ),
        pytest.param(
            Question(Rights(AS_ROOT), statements=[project_policy(ROOT, "Deny")]), id="C5 root"
        ),
        pytest.param(Question(user(), TRUSTING), id="C6 no policy"),
        pytest.param(
            Question(user(), TRUSTING, [project_policy("555566667777")]), id="C6 another account"
        ),
        pytest.param(
            Question(user(ONLY_MAKING), TRUSTING, [project_policy(USER)]),
            id="C7 no identity policy",
        ),
        pytest.param(
            Question(Rights(AS_SESSION, BOTH), TRUSTING, [project_policy(f"{SESSION}s")]),
            id="C9 another session",
        ),
        pytest.param(
            Question(
                Rights(AS_SESSION, BOTH),
                TRUSTING,
                [project_policy(ACCOUNT), project_policy(ROLE, "DENY")],
            ),
            id="C10 two policies",
        ),
        pytest.param(
            Question(
                user((allow(MAKE), allow(COPY, resource=f"arn:*:{TRUSTING}:*/version/v2/*"))),
                TRUSTING,
                [project_policy(USER)],
            ),
            id="C11 identity for another version",
        ),
        pytest.param(
            Question(user(), TRUSTING, [project_policy(USER, resource="VERSIONS/v2/*")]),
            id="C11 policy for another version",
        ),
        pytest.param(
            Question(
                user(
                    (
                        *BOTH,
                        allow(COPY, resource="arn:*:project/source/?????????????", effect="Deny"),
                    )
                )
            ),
            id="C11 identity denies the project",
        ),
        pytest.param(
            Question(user(boundary=allow(MAKE))),
            id="C15 boundary",
        ),
        pytest.param(
            Question(user(session_policies=(allow(MAKE),))),
            id="C15 session policy",
        ),
    ],
)
def test_who_may_not_copy(bench: Bench, question: Question) -> None:
    assert f"perform: {COPY} on resource: " in (denial(bench, question) or "")


@pytest.mark.parametrize(
    ("question", "action"),
    [
        pytest.param(Question(user((allow(COPY),))), MAKE, id="C13"),
        pytest.param(Question(user(), members={"Tags": {"a": "b"}}), TAG, id="C14"),
        pytest.param(
            Question(
                Rights(AS_ROOT),
                members={
                    "DestinationProjectArn": (
                        f"arn:aws:rekognition:us-east-1:{TRUSTING}:project/theirs/1690474772815"
                    )
                },
            ),
            MAKE,
            id="C16 destination of another account",
        ),
    ],
)
def test_the_action_that_is_missing_is_named(bench: Bench, question: Question, action: str) -> None:
    assert f"perform: {action} on resource: " in (denial(bench, question) or "")


def test_c17_whether_a_foreign_version_exists_is_not_told(bench: Bench) -> None:
    given = models(bench, TRUSTING)
    unknown = given.version.arn.replace("/v1/", "/v9/")
    real = denied(bench, user(), given.request())
    made_up = denied(bench, user(), given.request(SourceProjectVersionArn=unknown))
    assert real is not None
    assert made_up == real.replace(given.version.arn, unknown)


def test_a_broken_policy_in_the_records_denies(bench: Bench) -> None:
    given = models(bench)
    with bench.service.records.write() as connection:
        project_policies.create(connection, given.project.id, "broken", '{"Version":"2012-10-17"}')
    assert COPY in (denied(bench, user(), given.request()) or "")


def test_k6_a_copy_is_visible_at_once(bench: Bench) -> None:
    given = models(bench, TRUSTING)
    bench = bench.with_key("alias/mine")
    request = given.request(Tags={"team": "a"}, KmsKeyId="alias/mine")
    arn = bench.ask("CopyProjectVersion", **request)["ProjectVersionArn"]
    assert arn.startswith(given.destination.arn.rpartition("/")[0] + "/version/copied/")
    answer = bench.ask(
        "DescribeProjectVersions", ProjectArn=given.destination.arn, VersionNames=["copied"]
    )
    (described,) = answer["ProjectVersionDescriptions"]
    created = described.pop("CreationTimestamp")
    assert arn.endswith(f"/{round(created * 1000)}")
    assert described == {
        "ProjectVersionArn": arn,
        "Status": "COPYING_IN_PROGRESS",
        "StatusMessage": "The model is being copied.",
        "OutputConfig": {"S3Bucket": "results", "S3KeyPrefix": "copies"},
        "KmsKeyId": "alias/mine",
        "SourceProjectVersionArn": given.version.arn,
        "Feature": "CUSTOM_LABELS",
    }
    with bench.service.records.read() as connection:
        (job,) = jobs.queued(connection, [JobKind.COPY_VERSION])
        assert tags.get(connection, arn) == {"team": "a"}
    assert (job.resource_arn, job.access_key_id) == (arn, bench.caller.access_key_id)
    assert job.payload["key"].startswith("arn:aws:kms:")


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("SourceProjectArn", ("source", "others")),
        ("SourceProjectArn", ("us-east-1", "us-west-2")),
        ("SourceProjectVersionArn", ("us-east-1", "us-west-2")),
        ("DestinationProjectArn", ("us-east-1", "us-west-2")),
    ],
)
def test_k1_arns_that_do_not_fit(bench: Bench, member: str, change: tuple[str, str]) -> None:
    request = models(bench).request()
    request[member] = request[member].replace(*change)
    with pytest.raises(InvalidParameterException):
        bench.ask("CopyProjectVersion", **request)


def test_k1_a_version_of_a_namesake_project_and_no_bucket(bench: Bench) -> None:
    given = models(bench, TRUSTING)
    other = given.project.arn[:-1] + str((int(given.project.arn[-1]) + 1) % 10)
    code = bench.refusal("CopyProjectVersion", **given.request(SourceProjectArn=other))
    assert code == "InvalidParameterException"  # whether that project exists is not told
    code = bench.refusal("CopyProjectVersion", **given.request(OutputConfig={"S3KeyPrefix": "a"}))
    assert code == "InvalidParameterException"


def test_what_is_unknown_in_the_own_account(bench: Bench) -> None:
    request = models(bench).request()
    for member in ("SourceProjectArn", "SourceProjectVersionArn", "DestinationProjectArn"):
        arn = request[member]
        unknown = arn[:-1] + str((int(arn[-1]) + 1) % 10)
        code = bench.refusal("CopyProjectVersion", **request | {member: unknown})
        assert code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *(
            (status, "InvalidParameterException")
            for status in (VersionStatus.TRAINING_FAILED, VersionStatus.COPYING_FAILED)
        ),
        *(
            (status, "ResourceInUseException")
            for status in (
                VersionStatus.TRAINING_IN_PROGRESS,
                VersionStatus.COPYING_IN_PROGRESS,
                VersionStatus.DELETING,
            )
        ),
    ],
)
def test_k1_and_k2_states_of_the_source(bench: Bench, status: VersionStatus, code: str) -> None:
    given = models(bench, status=status)
    assert bench.refusal("CopyProjectVersion", **given.request()) == code


@pytest.mark.parametrize("status", [status for status in VersionStatus if status.has_model])
def test_k3_states_that_are_copied_and_not_disturbed(bench: Bench, status: VersionStatus) -> None:
    given = models(bench, TRUSTING, status)
    bench.ask("CopyProjectVersion", **given.request())
    assert bench.version_now(given.version.arn) == given.version


@pytest.mark.parametrize("status", list(VersionStatus))
def test_k2_a_name_is_taken_in_any_state(bench: Bench, status: VersionStatus) -> None:
    given = models(bench)
    bench.version(given.destination, "copied", status)
    code = bench.refusal("CopyProjectVersion", **given.request())
    assert code == "ResourceInUseException"


def test_a_destination_that_is_being_deleted_or_full(bench: Bench) -> None:
    given = models(bench)
    with bench.service.records.write() as connection:
        projects.set_status(connection, given.destination.id, ProjectStatus.DELETING)
    code = bench.refusal("CopyProjectVersion", **given.request())
    assert code == "ResourceInUseException"
    within = given.request(DestinationProjectArn=given.project.arn)
    with pytest.raises(ServiceQuotaExceededException, match="1 versions"):
        bench.with_quotas(versions_per_project=1).ask("CopyProjectVersion", **within)


def test_k4_within_one_project_and_again(bench: Bench) -> None:
    given = models(bench)
    within = given.request(DestinationProjectArn=given.project.arn)
    first = bench.ask("CopyProjectVersion", **within)["ProjectVersionArn"]
    early = bench.refusal("CopyProjectVersion", **given.request(SourceProjectVersionArn=first))
    assert early == "ResourceInUseException"
    with bench.service.records.write() as connection:
        copy, source = bench.version_now(first), bench.version_now(given.version.arn)
        project_versions.finish_copy(connection, copy, source, {}, "0" * 64)
    second = bench.ask("CopyProjectVersion", **given.request(SourceProjectVersionArn=first))
    assert bench.version_now(second["ProjectVersionArn"]).source_version_arn == first


def test_k5_five_copies_at_once(bench: Bench) -> None:
    given = models(bench, TRUSTING)
    arns = [
        bench.ask("CopyProjectVersion", **given.request(VersionName=f"v{number}"))[
            "ProjectVersionArn"
        ]
        for number in range(5)
    ]
    with pytest.raises(LimitExceededException, match="5"):
        bench.ask("CopyProjectVersion", **given.request())
    stranger = replace(CALLER, account_id=TRUSTING)
    theirs = given.request(DestinationProjectArn=given.project.arn)
    bench.as_caller(stranger).ask("CopyProjectVersion", **theirs)  # counts for itself
    with bench.service.records.write() as connection:
        ended = bench.version_now(arns[2])
        project_versions.set_status(connection, ended.id, VersionStatus.COPYING_FAILED, "As said.")
    bench.ask("CopyProjectVersion", **given.request())


def test_k10_a_source_is_not_deleted_while_it_is_copied(bench: Bench) -> None:
    given = models(bench)
    arn = bench.ask("CopyProjectVersion", **given.request())["ProjectVersionArn"]
    code = bench.refusal("DeleteProjectVersion", ProjectVersionArn=given.version.arn)
    assert code == "ResourceInUseException"
    with bench.service.records.write() as connection:
        copy = bench.version_now(arn)
        project_versions.finish_copy(connection, copy, given.version, {}, "0" * 64)
    answer = bench.ask("DeleteProjectVersion", ProjectVersionArn=given.version.arn)
    assert answer == {"Status": "DELETING"}
