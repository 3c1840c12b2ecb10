"""STS through boto3 and the AWS CLI."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import jwt
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec
from tests.boto3.identities import Account, account, allow, code_of, may_list, trust
from tests.support import command
from tests.support.live_server import LiveServer, running_server

from lensmith.store.records.engine import Records

__all__ = ["account"]
LIST = "rekognition:DescribeProjects"


def role(account: Account, policy: str | None = None, **given: Any) -> str:
    document = given.pop("document", trust({"AWS": account.account_id}))
    made = account.iam.create_role(RoleName="labeller", AssumeRolePolicyDocument=document, **given)[
        "Role"
    ]
    account.iam.put_role_policy(
        RoleName="labeller", PolicyName="p", PolicyDocument=policy or allow(LIST)
    )
    return str(made["Arn"])


def test_the_caller_is_named_and_the_cli_reaches_iam(
    server: LiveServer, lensmith_env: dict[str, str]
) -> None:
    def aws(*words: str) -> Any:
        return command.aws_answer(lensmith_env, *words)

    caller = aws("sts", "get-caller-identity")
    assert caller["Arn"] == "arn:aws:iam::000000000000:user/admin"
    assert caller["UserId"].startswith("AIDA")
    assert "admin" in {user["UserName"] for user in aws("iam", "list-users")["Users"]}
    document = trust({"AWS": "000000000000"})
    made = aws(
        *("iam", "create-role", "--role-name", "by-cli"),
        *("--assume-role-policy-document", document),
    )
    assert made["Role"]["AssumeRolePolicyDocument"] == json.loads(document)
    arn = made["Role"]["Arn"]
    session = aws("sts", "assume-role", "--role-arn", arn, "--role-session-name", "monday")
    assert session["AssumedRoleUser"]["Arn"].endswith(":assumed-role/by-cli/monday")


def test_a_role_is_assumed_and_its_session_has_its_rights(account: Account) -> None:
    arn = role(account)
    answer = account.sts.assume_role(RoleArn=arn, RoleSessionName="monday")
    session = account.of_credentials(answer["Credentials"])
    assert may_list(account, session)
    caller = account.client("sts", session).get_caller_identity()
    assert caller["Arn"] == answer["AssumedRoleUser"]["Arn"]
    assert caller["Arn"] == f"arn:aws:sts::{account.account_id}:assumed-role/labeller/monday"
    assert caller["UserId"].endswith(":monday")
    bare = account.of_key(
        answer["Credentials"]["AccessKeyId"], answer["Credentials"]["SecretAccessKey"]
    )
    assert not may_list(account, bare)
    account.iam.delete_role_policy(RoleName="labeller", PolicyName="p")
    assert not may_list(account, session)
    account.iam.delete_role(RoleName="labeller")
    assert code_of(account.client("sts", session).get_caller_identity) == "InvalidClientTokenId"


def test_session_policies_tags_and_revocation(account: Account) -> None:
    tagged = allow(LIST, Condition={"StringEquals": {"aws:PrincipalTag/team": "vision"}})
    arn = role(
        account,
        tagged,
        document=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["sts:AssumeRole", "sts:TagSession"],
                        "Principal": {"AWS": account.account_id},
                    }
                ],
            }
        ),
    )

    def session(**given: Any) -> boto3.Session:
        answer = account.sts.assume_role(RoleArn=arn, RoleSessionName="monday", **given)
        return account.of_credentials(answer["Credentials"])

    team = [{"Key": "team", "Value": "vision"}]
    assert not may_list(account, session())
    assert may_list(account, session(Tags=team))
    assert not may_list(account, session(Tags=team, Policy=allow("s3:*")))
    assert may_list(account, session(Tags=team, Policy=allow("rekognition:*")))
    full = {"arn": "arn:aws:iam::aws:policy/AmazonRekognitionFullAccess"}
    kept = session(Tags=team, PolicyArns=[full])
    assert may_list(account, kept)
    assert code_of(lambda: session(Policy="{}")) == "MalformedPolicyDocument"
    long = allow(*(f"s3:Action{number}" for number in range(200)))
    assert code_of(lambda: session(Policy=long)) == "PackedPolicyTooLarge"
    revoked = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}},
        },
    }
    account.iam.put_role_policy(
        RoleName="labeller", PolicyName="revoked", PolicyDocument=json.dumps(revoked)
    )
    assert not may_list(account, kept)


def test_sessions_are_good_on_s3_and_end_there_too(
    account: Account, server: LiveServer, lensmith_env: dict[str, str]
) -> None:
    name = f"photos-{account.account_id}"
    objects = f"arn:aws:s3:::{name}/${{aws:PrincipalTag/team, 'none'}}/*"
    arn = role(
        account, allow("s3:GetObject", resource=objects), Tags=[{"Key": "team", "Value": "a"}]
    )

    def s3(session: boto3.Session) -> Any:
        chosen: Any = session
        return chosen.client(
            "s3",
            endpoint_url=lensmith_env["AWS_ENDPOINT_URL_S3"],
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    owner = s3(account.session)
    owner.create_bucket(Bucket=name)
    for key in ("a/1", "b/1"):
        owner.put_object(Bucket=name, Key=key, Body=b"data")
    answer = account.sts.assume_role(RoleArn=arn, RoleSessionName="monday")
    session = s3(account.of_credentials(answer["Credentials"]))
    assert session.get_object(Bucket=name, Key="a/1")["Body"].read() == b"data"
    assert code_of(lambda: session.get_object(Bucket=name, Key="b/1")) == "AccessDenied"
    assert code_of(lambda: session.put_object(Bucket=name, Key="a/2")) == "AccessDenied"
    narrow = account.sts.assume_role(
        RoleArn=arn, RoleSessionName="narrow", Policy=allow("rekognition:*")
    )
    narrowed = s3(account.of_credentials(narrow["Credentials"]))
    assert code_of(lambda: narrowed.get_object(Bucket=name, Key="a/1")) == "AccessDenied"
    server.run("iam", "revoke-sessions", arn)
    ended = ("InvalidAccessKeyId", "InvalidToken")
    assert code_of(lambda: session.get_object(Bucket=name, Key="a/1")) in ended
    again = account.sts.assume_role(RoleArn=arn, RoleSessionName="tuesday")
    session = s3(account.of_credentials(again["Credentials"]))
    assert code_of(lambda: session.get_object(Bucket=name, Key="a/1")) is None
    account.iam.delete_role_policy(RoleName="labeller", PolicyName="p")
    assert code_of(lambda: session.get_object(Bucket=name, Key="a/1")) == "AccessDenied"
    account.iam.delete_role(RoleName="labeller")
    assert code_of(lambda: session.get_object(Bucket=name, Key="a/1")) in ended


def test_a_role_is_assumed_only_by_those_it_trusts(
    account: Account, server: LiveServer, live_records: Records
) -> None:
    other = Account(server, live_records)
    document = trust(
        {"AWS": f"arn:aws:iam::{other.account_id}:root"},
        Condition={"StringEquals": {"sts:ExternalId": "42"}},
    )
    arn = role(account, document=document)

    def assume(session: boto3.Session, **given: Any) -> str | None:
        sts = other.client("sts", session)
        return code_of(lambda: sts.assume_role(RoleArn=arn, RoleSessionName="monday", **given))

    assert assume(account.session) == "AccessDenied"
    assert assume(other.session) == "AccessDenied"
    assert assume(other.session, ExternalId="42") is None
    assert assume(other.user("ada"), ExternalId="42") == "AccessDenied"
    allowed = other.user("bob", allow("sts:AssumeRole", resource=arn))
    assert assume(allowed, ExternalId="42") is None
    assert (
        code_of(lambda: other.sts.assume_role(RoleArn=arn + "x", RoleSessionName="monday"))
        == "AccessDenied"
    )


def test_sessions_last_as_long_as_the_role_allows(account: Account) -> None:
    arn = role(account, MaxSessionDuration=7200)

    def assume(seconds: int) -> str | None:
        return code_of(
            lambda: account.sts.assume_role(
                RoleArn=arn, RoleSessionName="monday", DurationSeconds=seconds
            )
        )

    for unserved in (
        {"SourceIdentity": "ada"},
        {"TransitiveTagKeys": ["team"]},
    ):
        given: dict[str, Any] = {"RoleArn": arn, "RoleSessionName": "monday", **unserved}
        assert code_of(lambda: account.sts.assume_role(**given)) == "ValidationError"  # noqa: B023
    assert [assume(seconds) for seconds in (899, 900, 7200, 7201)] == [
        "ValidationError",
        None,
        None,
        "ValidationError",
    ]
    session = account.user("ada", allow(LIST))
    credentials = account.client("sts", session).get_session_token(DurationSeconds=900)
    temporary = account.of_credentials(credentials["Credentials"])
    assert may_list(account, temporary)
    again = account.client("sts", temporary).get_session_token
    assert code_of(again) == "AccessDenied"
    assert code_of(account.client("iam", temporary).get_user) == "InvalidClientTokenId"


@pytest.fixture(scope="module")
def provider() -> tuple[Any, str]:
    """A signing key and its JWKS."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return key, json.dumps({"keys": [{**public, "kid": "one", "use": "sig"}]})


@pytest.fixture(scope="module")
def trusting(
    provider: tuple[Any, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """A server of three regions that trusts a provider."""
    folder = tmp_path_factory.mktemp("federated")
    (folder / "jwks.json").write_text(provider[1])
    given = {
        "LENSMITH_OIDC_ISSUER": "https://id.example",
        "LENSMITH_OIDC_AUDIENCES": "lensmith",
        "LENSMITH_OIDC_KEYS_FILE": str(folder / "jwks.json"),
        "LENSMITH_REGIONS": "us-west-2, eu-west-1",
    }
    with running_server(folder / "home", **given) as live:
        yield live


def test_a_web_identity_gets_a_role(provider: tuple[Any, str], trusting: LiveServer) -> None:
    key, _ = provider
    given = trusting.environment()
    endpoint = given["AWS_ENDPOINT_URL_STS"]
    iam: Any = boto3.client(
        "iam",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    federated = {"Federated": "arn:aws:iam::000000000000:oidc-provider/id.example"}
    made = iam.create_role(
        RoleName="web",
        AssumeRolePolicyDocument=trust(
            federated,
            "sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {"id.example:sub": "ada", "id.example:aud": "lensmith"}},
        ),
    )
    sts: Any = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )

    def assume(signed_by: Any = key, **claims: Any) -> Any:
        now = int(time.time())
        payload: dict[str, Any] = {"iss": "https://id.example", "aud": "lensmith", "sub": "ada"}
        payload |= {"iat": now, "exp": now + 600, **claims}
        token = jwt.encode(payload, signed_by, "ES256", headers={"kid": "one"})
        return sts.assume_role_with_web_identity(
            RoleArn=made["Role"]["Arn"], RoleSessionName="web", WebIdentityToken=token
        )

    answer = assume()
    assert answer["SubjectFromWebIdentityToken"] == "ada"
    assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/web/web")
    assert code_of(lambda: assume(sub="eve")) == "AccessDenied"
    assert code_of(lambda: assume(aud="else")) == "InvalidIdentityToken"
    assert code_of(lambda: assume(iss="https://evil.example")) == "InvalidIdentityToken"
    assert code_of(lambda: assume(exp=1)) == "ExpiredTokenException"
    forged = ec.generate_private_key(ec.SECP256R1())
    assert code_of(lambda: assume(forged)) == "InvalidIdentityToken"
    action = "sts:AssumeRoleWithWebIdentity"
    allowing = json.loads(trust(federated, action))["Statement"]
    for condition in (
        {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"sts:RoleSessionName": "web"}},
    ):
        denying = {**allowing[0], "Effect": "Deny", "Condition": condition}
        document = json.dumps({"Version": "2012-10-17", "Statement": [*allowing, denying]})
        iam.update_assume_role_policy(RoleName="web", PolicyDocument=document)
        assert code_of(assume) == "AccessDenied"


def test_regions_have_projects_of_their_own(trusting: LiveServer) -> None:
    given = trusting.environment()

    def client(region: str) -> Any:
        return boto3.client(
            "rekognition",
            endpoint_url=given["AWS_ENDPOINT_URL_REKOGNITION"],
            region_name=region,
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        )

    arns = {
        region: client(region).create_project(ProjectName="parts")["ProjectArn"]
        for region in ("us-east-1", "us-west-2", "eu-west-1")
    }
    assert [arn.split(":")[3] for arn in arns.values()] == list(arns)
    for region, arn in arns.items():
        (only,) = client(region).describe_projects()["ProjectDescriptions"]
        assert only["ProjectArn"] == arn
    west = client("us-west-2")
    other = code_of(lambda: west.delete_project(ProjectArn=arns["us-east-1"]))
    assert other == "ResourceNotFoundException"
    with pytest.raises(ClientError, match=r"serves us-east-1, us-west-2, eu-west-1\."):
        client("ap-south-1").describe_projects()
    assert west.delete_project(ProjectArn=arns["us-west-2"])["Status"] == "DELETING"
