"""Stacks through boto3 and the AWS CLI, with projects and buckets."""

from __future__ import annotations

import json
import signal
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.boto3.identities import Account, account, allow, code_of
from tests.support import command
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.store.records.engine import Records

__all__ = ["account"]

TEMPLATE = """
Description: parts of a factory
Parameters:
  Name: {Type: String}
  Team: {Type: String, Default: red, AllowedValues: [red, blue]}
  Secret: {Type: String, NoEcho: true, Default: none}
Resources:
  Pictures:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Name}-pictures"
  Parts:
    Type: AWS::Rekognition::Project
    DependsOn: Pictures
    Properties:
      ProjectName: !Join ["-", [!Ref Name, parts]]
      Tags:
        - {Key: team, Value: !Ref Team}
        - {Key: bucket, Value: !GetAtt Pictures.Arn}
Outputs:
  ProjectArn: {Value: !GetAtt Parts.Arn, Description: for trainings}
  Bucket: {Value: !Ref Pictures}
"""
AS_JSON = json.dumps(
    {
        "Resources": {
            "Made": {"Type": "AWS::S3::Bucket"},
            "Parts": {
                "Type": "AWS::Rekognition::Project",
                "Properties": {
                    "ProjectName": {
                        "Fn::Sub": ["${Stack}-json", {"Stack": {"Ref": "AWS::StackName"}}]
                    }
                },
            },
        },
        "Outputs": {"Made": {"Value": {"Ref": "Made"}}},
    }
)


def unused() -> str:
    return f"s{uuid.uuid4().hex[:12]}"


class Cloud:
    """Clients of one caller."""

    def __init__(self, server: LiveServer, account: Account, session: Any = None) -> None:
        self.stacks = account.client("cloudformation", session)
        self.rekognition = account.client("rekognition", session)
        self.s3: Any = (session or account.session).client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{server.s3_port}",
            config=Config(s3={"addressing_style": "path"}),
        )

    def status(self, name: str) -> str:
        return str(self.stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    def ended(self, name: str) -> dict[str, Any]:
        """The stack once nothing is in progress any more."""
        until(lambda: not self.status(name).endswith("_IN_PROGRESS"), message="still in progress")
        described: dict[str, Any] = self.stacks.describe_stacks(StackName=name)["Stacks"][0]
        return described

    def projects(self) -> set[str]:
        found = self.rekognition.describe_projects()["ProjectDescriptions"]
        return {one["ProjectArn"].split("/")[1] for one in found}

    def buckets(self) -> set[str]:
        return {one["Name"] for one in self.s3.list_buckets()["Buckets"]}

    def tags_of(self, name: str) -> dict[str, str]:
        (one,) = self.rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
        found = self.rekognition.list_tags_for_resource(ResourceArn=one["ProjectArn"])["Tags"]
        return dict(found)

    def events(self, name: str) -> list[tuple[str, str]]:
        pages = self.stacks.get_paginator("describe_stack_events").paginate(StackName=name)
        found = [event for page in pages for event in page["StackEvents"]]
        return [(one["LogicalResourceId"], one["ResourceStatus"]) for one in reversed(found)]

    def reasons(self, name: str) -> str:
        found = self.stacks.describe_stack_events(StackName=name)["StackEvents"]
        return "\n".join(one.get("ResourceStatusReason", "") for one in found)


def message_of(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Message"])


def parameters(described: dict[str, Any]) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


@pytest.fixture
def cloud(server: LiveServer, account: Account) -> Cloud:
    return Cloud(server, account)


def test_a_stack_is_created_updated_and_deleted(cloud: Cloud, server: LiveServer) -> None:
    name, secret = unused(), f"canary-{unused()}"
    cloud.stacks.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE,
        Parameters=given(Name=name, Secret=secret),
        Tags=[{"Key": "owner", "Value": "ada"}, {"Key": "team", "Value": "overridden"}],
    )
    made = cloud.ended(name)
    assert made["StackStatus"] == "CREATE_COMPLETE", cloud.reasons(name)
    assert made["Description"] == "parts of a factory"
    assert parameters(made) == {"Name": name, "Team": "red", "Secret": "****"}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in made["Outputs"]}
    assert outputs["Bucket"] == f"{name}-pictures"
    assert f":project/{name}-parts/" in outputs["ProjectArn"]
    assert cloud.buckets() == {f"{name}-pictures"}
    assert cloud.tags_of(f"{name}-parts") == {
        "owner": "ada",
        "team": "red",
        "bucket": f"arn:aws:s3:::{name}-pictures",
    }
    tagging = cloud.s3.get_bucket_tagging(Bucket=f"{name}-pictures")["TagSet"]
    assert {one["Key"]: one["Value"] for one in tagging} == {"owner": "ada", "team": "overridden"}
    assert cloud.events(name) == [
        (name, "CREATE_IN_PROGRESS"),
        ("Pictures", "CREATE_IN_PROGRESS"),
        ("Pictures", "CREATE_COMPLETE"),
        ("Parts", "CREATE_IN_PROGRESS"),
        ("Parts", "CREATE_COMPLETE"),
        (name, "CREATE_COMPLETE"),
    ]
    resources = cloud.stacks.describe_stack_resources(StackName=name)["StackResources"]
    assert {one["PhysicalResourceId"] for one in resources} == {
        f"{name}-parts",
        f"{name}-pictures",
    }
    assert cloud.stacks.get_template(StackName=name)["TemplateBody"] == TEMPLATE

    cloud.rekognition.tag_resource(ResourceArn=outputs["ProjectArn"], Tags={"mine": "too"})
    same = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    cloud.stacks.update_stack(
        StackName=name, UsePreviousTemplate=True, Parameters=[*same, *given(Team="blue")]
    )
    assert cloud.ended(name)["StackStatus"] == "UPDATE_COMPLETE", cloud.reasons(name)
    assert cloud.tags_of(f"{name}-parts")["team"] == "blue"  # in place
    assert cloud.tags_of(f"{name}-parts")["mine"] == "too"
    (kept,) = cloud.rekognition.describe_projects()["ProjectDescriptions"]
    assert kept["ProjectArn"] == outputs["ProjectArn"]
    nothing = message_of(
        lambda: cloud.stacks.update_stack(
            StackName=name, UsePreviousTemplate=True, Parameters=[*same, *given(Team="blue")]
        )
    )
    assert nothing == "No updates are to be performed."

    replaced = TEMPLATE.replace("parts]]", "pieces]]")
    cloud.stacks.create_change_set(
        StackName=name,
        ChangeSetName="renamed",
        TemplateBody=replaced,
        Parameters=[*same, *given(Team="blue")],
    )
    change_set = cloud.stacks.describe_change_set(StackName=name, ChangeSetName="renamed")
    (change,) = [one["ResourceChange"] for one in change_set["Changes"]]
    assert (change["Action"], change["Replacement"]) == ("Modify", "True")
    assert change["PhysicalResourceId"] == f"{name}-parts"
    assert parameters(change_set)["Secret"] == "****"
    cloud.stacks.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    assert cloud.ended(name)["StackStatus"] == "UPDATE_COMPLETE", cloud.reasons(name)
    assert cloud.projects() == {f"{name}-pieces"}
    assert cloud.events(name)[-4:] == [
        (name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("Parts", "DELETE_IN_PROGRESS"),
        ("Parts", "DELETE_COMPLETE"),
        (name, "UPDATE_COMPLETE"),
    ]

    cloud.s3.put_object(Bucket=f"{name}-pictures", Key="a", Body=b"x")
    cloud.stacks.delete_stack(StackName=name)
    failed = cloud.ended(name)
    assert failed["StackStatus"] == "DELETE_FAILED"
    assert "[Pictures]" in failed["StackStatusReason"]
    assert "BucketNotEmpty" in cloud.reasons(name)
    assert cloud.projects() == set()
    cloud.s3.delete_object(Bucket=f"{name}-pictures", Key="a")
    cloud.stacks.delete_stack(StackName=name)
    assert cloud.ended(made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert cloud.buckets() == set()
    assert message_of(lambda: cloud.status(name)) == f"Stack with id {name} does not exist"
    listed = cloud.stacks.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert [one["StackName"] for one in listed] == [name]
    audit = (server.home / "data" / "audit").glob("*.jsonl")
    assert not [path for path in (server.log, *audit) if secret in path.read_text()]


def test_what_fails_is_rolled_back(cloud: Cloud) -> None:
    name, taken = unused(), f"{unused()}-parts"
    cloud.rekognition.create_project(ProjectName=taken)
    text = TEMPLATE.replace('!Join ["-", [!Ref Name, parts]]', taken)
    cloud.stacks.create_stack(StackName=name, TemplateBody=text, Parameters=given(Name=name))
    assert cloud.ended(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"{taken} already exists" in cloud.reasons(name)
    assert (cloud.buckets(), cloud.projects()) == (set(), {taken})
    refused = message_of(
        lambda: cloud.stacks.update_stack(
            StackName=name, TemplateBody=TEMPLATE, Parameters=given(Name=name)
        )
    )
    assert "ROLLBACK_COMPLETE state and can not be updated" in refused
    cloud.stacks.delete_stack(StackName=name)

    other = unused()
    cloud.stacks.create_stack(StackName=other, TemplateBody=TEMPLATE, Parameters=given(Name=other))
    made = cloud.ended(other)
    assert made["StackStatus"] == "CREATE_COMPLETE", cloud.reasons(other)
    # A new bucket, tags in place and a replacement succeed before the last resource fails.
    changed = TEMPLATE.replace("Outputs:", LATER_FAILS.format(taken=taken) + "Outputs:")
    changed = changed.replace("parts]]", "pieces]]").replace("-pictures", "-photos")
    cloud.stacks.update_stack(
        StackName=other,
        TemplateBody=changed,
        Parameters=given(Name=other, Team="blue"),
        Tags=[{"Key": "a", "Value": "b"}],
    )
    ended = cloud.ended(other)
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", cloud.reasons(other)
    assert ended["Outputs"] == made["Outputs"]
    assert cloud.projects() == {taken, f"{other}-parts"}
    assert cloud.buckets() == {f"{other}-pictures"}
    assert cloud.tags_of(f"{other}-parts")["team"] == "red"
    resources = cloud.stacks.list_stack_resources(StackName=other)["StackResourceSummaries"]
    assert {one["LogicalResourceId"] for one in resources} == {"Pictures", "Parts"}
    cloud.stacks.delete_stack(StackName=other)
    assert cloud.ended(made["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert (cloud.buckets(), cloud.projects()) == (set(), {taken})


LATER_FAILS = """
  More:
    Type: AWS::S3::Bucket
    DependsOn: Parts
  Last:
    Type: AWS::Rekognition::Project
    DependsOn: More
    Properties: {{ProjectName: {taken}}}
"""


def test_each_change_needs_the_callers_rights(server: LiveServer, account: Account) -> None:
    root, name = Cloud(server, account), unused()
    reader = Cloud(server, account, account.user("reader", allow("cloudformation:Describe*")))
    denied = code_of(lambda: reader.stacks.create_stack(StackName=name, TemplateBody=AS_JSON))
    assert denied == "AccessDenied"
    partly = allow("cloudformation:*", "s3:*")
    limited = Cloud(server, account, account.user("limited", partly))
    limited.stacks.create_stack(StackName=name, TemplateBody=AS_JSON)
    assert root.ended(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "not authorized to perform: rekognition:CreateProject" in root.reasons(name)
    assert (root.buckets(), root.projects()) == (set(), set())
    assert reader.status(name) == "ROLLBACK_COMPLETE"
    only = allow("cloudformation:*", resource="arn:aws:cloudformation:*:*:stack/other*/*")
    elsewhere = Cloud(server, account, account.user("elsewhere", only))
    assert code_of(lambda: elsewhere.stacks.delete_stack(StackName=name)) == "AccessDenied"


def test_a_foreign_account_sees_nothing(
    server: LiveServer, account: Account, live_records: Records
) -> None:
    own, name = Cloud(server, account), unused()
    own.stacks.create_change_set(
        StackName=name, ChangeSetName="c", TemplateBody=AS_JSON, ChangeSetType="CREATE"
    )
    assert own.status(name) == "REVIEW_IN_PROGRESS"
    arn = own.stacks.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    change_set = own.stacks.list_change_sets(StackName=name)["Summaries"][0]["ChangeSetId"]
    other = Cloud(server, Account(server, live_records))
    assert other.stacks.describe_stacks()["Stacks"] == []
    assert other.stacks.list_stacks()["StackSummaries"] == []
    for one in (name, arn):
        assert f"{one} does not exist" in message_of(lambda one=one: other.status(one))
    by_arn = other.stacks.describe_change_set
    assert code_of(lambda: by_arn(ChangeSetName=change_set)) == "AccessDenied"
    assert code_of(lambda: by_arn(ChangeSetName=f"{change_set[:-1]}x")) == "AccessDenied"
    other.stacks.delete_stack(StackName=arn)
    own.stacks.delete_stack(StackName=name)
    assert own.ended(arn)["StackStatus"] == "DELETE_COMPLETE"


def test_parameters_and_options_are_checked(cloud: Cloud) -> None:
    def create(**more: Any) -> str:
        return message_of(
            lambda: cloud.stacks.create_stack(
                **{"StackName": "s", "TemplateBody": TEMPLATE, **more}
            )
        )

    text = TEMPLATE.replace("AWS::S3::Bucket", "AWS::EC2::VPC")
    assert "AWS::EC2::VPC" in message_of(lambda: cloud.stacks.validate_template(TemplateBody=text))
    assert create() == "Parameters: [Name] must have values"
    assert "must be one of" in create(Parameters=given(Name="a", Team="green"))
    assert "[Absent] do not exist" in create(Parameters=given(Name="a", Absent="b"))
    role = "arn:aws:iam::000000000000:role/aaaaaaaaaaaa"
    unserved: tuple[dict[str, Any], ...] = (
        {"RoleARN": role},
        {"NotificationARNs": ["arn:aws:sns:us-east-1:000000000000:t"]},
        {"TimeoutInMinutes": 1},
        {"StackPolicyBody": "{}"},
        {"EnableTerminationProtection": True},
        {"RollbackConfiguration": {"MonitoringTimeInMinutes": 1}},
    )
    for option in unserved:
        (name,) = option
        assert create(**option) == f"Not supported by this server: {name}."
    by_url = {"StackName": "s", "TemplateURL": "https://bucket.example/t.yaml"}
    refused = message_of(lambda: cloud.stacks.create_stack(**by_url))
    assert refused == "Not supported by this server: TemplateURL."
    summary = cloud.stacks.get_template_summary(TemplateBody=TEMPLATE)
    assert summary["ResourceTypes"] == ["AWS::Rekognition::Project", "AWS::S3::Bucket"]
    assert [one["ParameterKey"] for one in summary["Parameters"]] == ["Name", "Team", "Secret"]


def test_retained_resources_stay(cloud: Cloud) -> None:
    name = unused()
    text = TEMPLATE.replace(
        "DependsOn: Pictures", "DependsOn: Pictures\n    DeletionPolicy: Retain"
    )
    cloud.stacks.create_stack(StackName=name, TemplateBody=text, Parameters=given(Name=name))
    arn = cloud.ended(name)["StackId"]
    cloud.stacks.delete_stack(StackName=name)
    assert cloud.ended(arn)["StackStatus"] == "DELETE_COMPLETE", cloud.reasons(arn)
    assert ("Parts", "DELETE_SKIPPED") in cloud.events(arn)
    assert (cloud.projects(), cloud.buckets()) == ({f"{name}-parts"}, set())


def test_the_cli_deploys_yaml_and_json(
    lensmith_env: dict[str, str], server: LiveServer, tmp_path: Path
) -> None:
    """Both at once: the CLI looks again after 30 seconds."""
    files = {"yaml": tmp_path / "t.yaml", "json": tmp_path / "t.json"}
    files["yaml"].write_text(TEMPLATE)
    files["json"].write_text(AS_JSON)
    names = {kind: unused() for kind in files}

    def deploy(kind: str, *more: str) -> subprocess.Popen[str]:
        argv = ["aws", "cloudformation", "deploy", "--stack-name", names[kind]]
        return subprocess.Popen(
            [*argv, "--template-file", str(files[kind]), *more],
            env=lensmith_env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    overrides = ("--parameter-overrides", f"Name={names['yaml']}", "--tags", "by=cli")
    running = {"yaml": deploy("yaml", *overrides), "json": deploy("json")}
    for kind, process in running.items():
        output, _ = process.communicate()
        assert process.returncode == 0, output
        assert f"Successfully created/updated stack - {names[kind]}" in output
    output, _ = deploy("json").communicate()
    assert f"No changes to deploy. Stack {names['json']} is up to date" in output

    def aws(*words: str) -> Any:
        return command.aws_answer(lensmith_env, "cloudformation", *words)

    (made,) = aws("describe-stacks", "--stack-name", names["yaml"])["Stacks"]
    assert made["StackStatus"] == "CREATE_COMPLETE"
    assert made["Tags"] == [{"Key": "by", "Value": "cli"}]
    for name in names.values():
        aws("delete-stack", "--stack-name", name)
    left = {one["Name"] for one in server.s3().list_buckets()["Buckets"]}
    until(lambda: not _exists(server, f"{names['yaml']}-pictures"), message=str(left))


def _exists(server: LiveServer, bucket: str) -> bool:
    return bucket in {one["Name"] for one in server.s3().list_buckets()["Buckets"]}


def test_an_operation_goes_on_after_kill_9(server: LiveServer, cloud: Cloud) -> None:
    """The executing process is killed, then the server."""
    name = unused()
    parts = {f"P{number}": PROJECT.format(name=f"{name}-{number}") for number in range(10)}
    text = json.dumps({"Resources": {key: json.loads(value) for key, value in parts.items()}})
    cloud.stacks.create_stack(StackName=name, TemplateBody=text)

    def until_made(number: int) -> None:
        until(lambda: len(cloud.projects()) >= number, message=f"no {number} projects")

    until_made(2)
    for child in server.children("lensmith.tasks.stacks"):
        child.kill()
    until_made(6)
    server.stop(signal.SIGKILL)
    server.start()
    assert cloud.ended(name)["StackStatus"] == "CREATE_COMPLETE", cloud.reasons(name)
    assert cloud.projects() == {f"{name}-{number}" for number in range(10)}
    completed = [event for event in cloud.events(name) if event[1] == "CREATE_COMPLETE"]
    assert sorted(completed) == sorted(
        [(name, "CREATE_COMPLETE"), *((key, "CREATE_COMPLETE") for key in parts)]
    )
    cloud.stacks.delete_stack(StackName=name)
    until(lambda: cloud.projects() == set(), message="projects are left")


PROJECT = '{{"Type": "AWS::Rekognition::Project", "Properties": {{"ProjectName": "{name}"}}}}'
