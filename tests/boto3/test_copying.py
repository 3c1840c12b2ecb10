"""Sharing models, within an account and across two: the guide's programs and rows of copying.md."""

from __future__ import annotations

import io
import json
import random
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from PIL import Image
from tests.boto3.identities import Account, allow, code_of, trust
from tests.boto3.settling import every_view
from tests.support import command
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.sharing import (
    await_copy,
    begin_copy,
    delete_policy,
    describe,
    plant_model,
    policies_of,
    policy_document,
    put_policy,
)

from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.store.records.engine import Records

ALIAS = "alias/mine"
DENIED, MISSING = "AccessDeniedException", "ResourceNotFoundException"


@dataclass(frozen=True)
class Side:
    """One of two accounts, with a project and a bucket."""

    account: Account
    rekognition: Any
    s3: Any
    project_arn: str
    bucket: str

    @classmethod
    def of(cls, server: LiveServer, account: Account) -> Side:
        rekognition = account.client("rekognition")
        name = f"parts-{uuid.uuid4().hex[:8]}"
        project_arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
        s3: Any = account.session.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{server.s3_port}",
            config=Config(s3={"addressing_style": "path"}),
        )
        bucket = f"results-{uuid.uuid4().hex[:12]}"
        s3.create_bucket(Bucket=bucket)
        return cls(account, rekognition, s3, project_arn, bucket)

    @property
    def output(self) -> dict[str, str]:
        return {"S3Bucket": self.bucket, "S3KeyPrefix": "copies/"}


@pytest.fixture(scope="module")
def trusting(server: LiveServer, live_records: Records) -> Side:
    return Side.of(server, Account(server, live_records))


@pytest.fixture(scope="module")
def trusted(server: LiveServer, live_records: Records) -> Side:
    return Side.of(server, Account(server, live_records))


@pytest.fixture(scope="module")
def data(server: LiveServer) -> Path:
    return server.home / "data"


@pytest.fixture(scope="module")
def source(data: Path, live_records: Records, trusting: Side) -> ProjectVersion:
    return plant_model(data, live_records, trusting.project_arn)


def copy(source: ProjectVersion, trusting: Side, into: Side, name: str, **more: Any) -> str:
    given = {"OutputConfig": into.output, **more}
    return begin_copy(
        into.rekognition, source.arn, trusting.project_arn, into.project_arn, name, **given
    )


@pytest.fixture(scope="module")
def copied_arn(source: ProjectVersion, trusting: Side, trusted: Side) -> str:
    """A copy in the trusted account that has ended well; its policy was revoked meanwhile."""
    document = policy_document({"AWS": trusted.account.account_id}, source.arn)
    assert code_of(lambda: copy(source, trusting, trusted, "early")) == DENIED
    revision = put_policy(trusting.rekognition, trusting.project_arn, "shared", document)
    (listed,) = policies_of(trusting.rekognition, trusting.project_arn)
    assert (listed["PolicyDocument"], listed["PolicyRevisionId"]) == (document, revision)
    kms = trusted.account.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=ALIAS, TargetKeyId=key_id)
    arn = copy(source, trusting, trusted, "copied", Tags={"from": "elsewhere"}, KmsKeyId=ALIAS)
    assert describe(trusted.rekognition, trusted.project_arn, "copied")["Status"].startswith("COPY")
    delete_policy(trusting.rekognition, trusting.project_arn, "shared", revision)  # X4, C18
    assert policies_of(trusting.rekognition, trusting.project_arn) == []
    ended = await_copy(trusted.rekognition, trusted.project_arn, "copied")
    assert (ended["Status"], ended["StatusMessage"]) == (
        "COPYING_COMPLETED",
        "The model was copied and is ready to run.",
    )
    assert code_of(lambda: copy(source, trusting, trusted, "late")) == DENIED
    return arn


def test_k7_k8_k12_what_a_copy_says_and_carries(
    source: ProjectVersion, trusted: Side, copied_arn: str
) -> None:
    described: Any = describe(trusted.rekognition, trusted.project_arn, "copied")
    project = trusted.project_arn.split("/")[1]

    def place(file: ResultFile) -> dict[str, Any]:
        key = f"copies/{file.value}-{project}-copied.json"
        return {"S3Object": {"Bucket": trusted.bucket, "Name": key}}

    def assets(file: ResultFile) -> dict[str, Any]:
        return {"Assets": [{"GroundTruthManifest": place(file)}]}

    assert source.training_end_ms is not None
    assert round(described.pop("CreationTimestamp").timestamp() * 1000) == int(
        copied_arn.rpartition("/")[2]
    )
    ended = described.pop("TrainingEndTimestamp").timestamp()
    assert round(ended * 1000) == source.training_end_ms
    auto = {"AutoCreate": False}
    assert described == {
        "ProjectVersionArn": copied_arn,
        "Status": "COPYING_COMPLETED",
        "StatusMessage": "The model was copied and is ready to run.",
        "OutputConfig": trusted.output,
        "KmsKeyId": ALIAS,
        "SourceProjectVersionArn": source.arn,
        "Feature": "CUSTOM_LABELS",
        "EvaluationResult": {
            "F1Score": 0.875,
            "Summary": place(ResultFile.EVALUATION_SUMMARY),
        },
        "ManifestSummary": place(ResultFile.MANIFEST_SUMMARY),
        "TrainingDataResult": {
            "Input": {},
            "Output": assets(ResultFile.TRAINING_GROUND_TRUTH),
            "Validation": assets(ResultFile.TRAINING_VALIDATION),
        },
        "TestingDataResult": {
            "Input": auto,
            "Output": assets(ResultFile.TESTING_GROUND_TRUTH) | auto,
            "Validation": assets(ResultFile.TESTING_VALIDATION),
        },
    }
    for file in ResultFile:
        where = place(file)["S3Object"]
        body = trusted.s3.get_object(Bucket=where["Bucket"], Key=where["Name"])["Body"].read()
        assert body.decode() == f"{file.value} of {source.arn}\n"
    tags = trusted.rekognition.list_tags_for_resource(ResourceArn=copied_arn)["Tags"]
    assert tags == {"from": "elsewhere"}
    (project_described,) = trusted.rekognition.describe_projects()["ProjectDescriptions"]
    assert project_described["Datasets"] == []


def answers(side: Side, version_arn: str, pictures: list[bytes]) -> list[bytes]:
    """The bodies of the replies, as they came."""
    bodies: list[bytes] = []
    client = side.account.client("rekognition")
    client.meta.events.register(
        "before-parse.rekognition.DetectCustomLabels",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    for picture in pictures:
        for more in ({}, {"MinConfidence": 0}):
            client.detect_custom_labels(
                ProjectVersionArn=version_arn, Image={"Bytes": picture}, **more
            )
    return bodies


def pictures() -> list[bytes]:
    rng = random.Random(7)
    made = []
    for _ in range(20):
        file = io.BytesIO()
        colour = tuple(rng.randrange(256) for _ in range(3))
        Image.new("RGB", (80, 64), colour).save(file, "PNG")
        made.append(file.getvalue())
    return made


def await_state(side: Side, name: str, status: str) -> None:
    until(
        lambda: describe(side.rekognition, side.project_arn, name)["Status"],
        lambda seen: seen == status,
    )


def test_k9_k10_a_copy_answers_as_its_source_and_outlives_it(
    data: Path, source: ProjectVersion, trusting: Side, trusted: Side, copied_arn: str
) -> None:
    trusting.rekognition.start_project_version(ProjectVersionArn=source.arn, MinInferenceUnits=1)
    trusted.rekognition.start_project_version(ProjectVersionArn=copied_arn, MinInferenceUnits=1)
    await_state(trusting, "v1", "RUNNING")
    await_state(trusted, "copied", "RUNNING")
    asked = pictures()
    of_source = answers(trusting, source.arn, asked)
    assert len(set(of_source)) > 20
    assert answers(trusted, copied_arn, asked) == of_source

    foreign = {"ProjectVersionArn": copied_arn}  # K11
    theirs = trusting.rekognition
    image = {"Image": {"Bytes": asked[0]}}
    assert {
        code_of(partial(theirs.describe_project_versions, ProjectArn=trusted.project_arn)),
        code_of(partial(theirs.start_project_version, **foreign, MinInferenceUnits=1)),
        code_of(partial(theirs.stop_project_version, **foreign)),
        code_of(partial(theirs.detect_custom_labels, **foreign, **image)),
        code_of(partial(theirs.delete_project_version, **foreign)),
    } == {MISSING}

    running = copy(source, trusting, trusting, "beside")  # K3, within one account: C1
    again = begin_copy(  # K4: of a copy that runs
        trusted.rekognition,
        copied_arn,
        trusted.project_arn,
        trusted.project_arn,
        "again",
        OutputConfig=trusted.output,
    )
    assert await_copy(theirs, trusting.project_arn, "beside")["Status"] == "COPYING_COMPLETED"
    assert describe(theirs, trusting.project_arn, "v1")["Status"] == "RUNNING"
    ended = await_copy(trusted.rekognition, trusted.project_arn, "again")
    assert ended["SourceProjectVersionArn"] == copied_arn
    assert ended["EvaluationResult"]["F1Score"] == 0.875

    theirs.stop_project_version(ProjectVersionArn=source.arn)
    await_state(trusting, "v1", "STOPPED")
    for arn in (source.arn, running):
        theirs.delete_project_version(ProjectVersionArn=arn)
    every_view(
        lambda: theirs.describe_project_versions(ProjectArn=trusting.project_arn),
        lambda answer: answer["ProjectVersionDescriptions"] == [],
    )
    assert not (data / "models" / str(source.id)).exists()
    assert answers(trusted, copied_arn, asked[:3]) == of_source[:6]
    trusted.rekognition.stop_project_version(ProjectVersionArn=copied_arn)
    await_state(trusted, "copied", "STOPPED")
    for arn in (copied_arn, again):
        trusted.rekognition.delete_project_version(ProjectVersionArn=arn)
    every_view(
        lambda: trusted.rekognition.describe_project_versions(ProjectArn=trusted.project_arn),
        lambda answer: answer["ProjectVersionDescriptions"] == [],
    )


def test_k13_k15_an_output_that_takes_nothing(
    data: Path, live_records: Records, trusting: Side, trusted: Side
) -> None:
    model = plant_model(data, live_records, trusting.project_arn, "v2")
    everyone = policy_document("*", "*")
    put_policy(trusting.rekognition, trusting.project_arn, "everyone", everyone)
    before = set((data / "files").iterdir())
    buckets = {"missing": "no-such-bucket", "foreign": trusting.bucket}
    arns = {
        name: copy(model, trusting, trusted, name, OutputConfig={"S3Bucket": bucket})
        for name, bucket in buckets.items()
    }
    delete_policy(trusting.rekognition, trusting.project_arn, "everyone")
    for name, arn in arns.items():
        ended = await_copy(trusted.rekognition, trusted.project_arn, name)
        assert (ended["Status"], ended["StatusMessage"]) == (
            "COPYING_FAILED",
            "Unable to write to output S3 bucket.",
        )
        starting = partial(
            trusted.rekognition.start_project_version, ProjectVersionArn=arn, MinInferenceUnits=1
        )
        assert code_of(starting) == "InvalidParameterException"
        answer = trusted.rekognition.delete_project_version(ProjectVersionArn=arn)
        assert answer["Status"] == "DELETING"
    assert set((data / "files").iterdir()) <= before
    assert list((data / "copies").iterdir()) == []


def test_c8_c9_a_session_of_a_role_that_is_named(
    data: Path, live_records: Records, trusting: Side, trusted: Side
) -> None:
    model = plant_model(data, live_records, trusting.project_arn, "v3")
    account = trusted.account
    role = account.iam.create_role(
        RoleName="copier", AssumeRolePolicyDocument=trust({"AWS": account.account_id})
    )["Role"]["Arn"]
    rights = allow("rekognition:*Project*", "s3:*")
    account.iam.put_role_policy(RoleName="copier", PolicyName="p", PolicyDocument=rights)

    def as_session(name: str) -> Any:
        answer = account.sts.assume_role(RoleArn=role, RoleSessionName=name)
        return account.client("rekognition", account.of_credentials(answer["Credentials"]))

    session = f"arn:aws:sts::{account.account_id}:assumed-role/copier/monday"
    versions = f"{trusting.project_arn.rpartition('/')[0]}/version/*"
    document = policy_document({"AWS": session}, versions)
    put_policy(trusting.rekognition, trusting.project_arn, "session", document)

    def begin(client: Any, version_name: str) -> str:
        return begin_copy(
            client,
            model.arn,
            trusting.project_arn,
            trusted.project_arn,
            version_name,
            OutputConfig=trusted.output,
        )

    assert code_of(lambda: begin(as_session("tuesday"), "tuesday")) == DENIED
    monday = as_session("monday")
    begin(monday, "monday")
    ended = await_copy(trusted.rekognition, trusted.project_arn, "monday")
    assert ended["Status"] == "COPYING_COMPLETED"


def test_k16_k17_a_copy_depends_on_its_own_key_alone(
    data: Path, live_records: Records, trusting: Side
) -> None:
    model = plant_model(data, live_records, trusting.project_arn, "v5")
    kms = trusting.account.client("kms")
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))

    def completed(of: str, name: str, **more: Any) -> str:
        arn = begin_copy(
            trusting.rekognition,
            of,
            trusting.project_arn,
            trusting.project_arn,
            name,
            OutputConfig=trusting.output,
            **more,
        )
        ended = await_copy(trusting.rekognition, trusting.project_arn, name)
        assert ended["Status"] == "COPYING_COMPLETED"
        return arn

    sealed = completed(model.arn, "sealed", KmsKeyId=first)
    arns = {
        "sealed-anew": completed(sealed, "sealed-anew", KmsKeyId=second),
        "open": completed(sealed, "open"),
    }
    maker = trusting.account.user("maker", allow("rekognition:*", "kms:Decrypt"))
    refused = partial(
        trusting.account.client("rekognition", maker).copy_project_version,
        SourceProjectArn=trusting.project_arn,
        SourceProjectVersionArn=model.arn,
        DestinationProjectArn=trusting.project_arn,
        VersionName="refused",
        OutputConfig=trusting.output,
        KmsKeyId=second,
    )
    assert code_of(refused) == "InvalidParameterException"  # K17
    kms.disable_key(KeyId=first)
    client, picture = trusting.rekognition, pictures()[:1]
    for name, arn in arns.items():
        client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
        await_state(trusting, name, "RUNNING")
    assert len({*map(bytes, (answers(trusting, arn, picture)[0] for arn in arns.values()))}) == 1
    client.start_project_version(ProjectVersionArn=sealed, MinInferenceUnits=1)
    await_state(trusting, "sealed", "FAILED")
    for arn in arns.values():
        client.stop_project_version(ProjectVersionArn=arn)


def test_the_aws_cli_shares_and_copies(
    lensmith_env: dict[str, str],
    data: Path,
    live_records: Records,
    trusting: Side,
    trusted: Side,
    tmp_path: Path,
) -> None:
    model = plant_model(data, live_records, trusting.project_arn, "v4")

    def aws(side: Side, operation: str, **given: str) -> Any:
        credentials: Any = side.account.session.get_credentials()
        words = [
            word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)
        ]
        keys = {
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        }
        environment = {**lensmith_env, **keys}
        return command.aws_answer(environment, "rekognition", operation, *words) or {}

    file = tmp_path / "policy.json"
    file.write_text(policy_document({"AWS": trusted.account.account_id}, model.arn))
    project = {"project_arn": trusting.project_arn}
    put = {**project, "policy_name": "by-cli", "policy_document": f"file://{file}"}
    revision = aws(trusting, "put-project-policy", **put)["PolicyRevisionId"]
    listed = aws(trusting, "list-project-policies", **project)["ProjectPolicies"]
    assert revision in {policy["PolicyRevisionId"] for policy in listed}
    arn = aws(
        trusted,
        "copy-project-version",
        source_project_arn=trusting.project_arn,
        source_project_version_arn=model.arn,
        destination_project_arn=trusted.project_arn,
        version_name="by-cli",
        output_config=json.dumps(trusted.output),
    )["ProjectVersionArn"]
    begun = describe(trusted.rekognition, trusted.project_arn, "by-cli")
    assert (begun["ProjectVersionArn"], begun["SourceProjectVersionArn"]) == (arn, model.arn)
    by_revision = {"policy_name": "by-cli", "policy_revision_id": revision}
    assert aws(trusting, "delete-project-policy", **project, **by_revision) == {}
