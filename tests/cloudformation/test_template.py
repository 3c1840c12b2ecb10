"""Templates: what cfn-lint reads, what is refused by name, functions, parameters, plans."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import pytest

from lensmith.cloudformation.check import check
from lensmith.cloudformation.check_process import CheckProcess
from lensmith.cloudformation.functions import Values, resolve
from lensmith.cloudformation.parameters import parameter_values, shown
from lensmith.cloudformation.plan import compare
from lensmith.cloudformation.template import read_document, template_of, unserved
from lensmith.domain.stack import (
    Definition,
    OnFailure,
    Resource,
    ResourceStatus,
    Stack,
    StackStatus,
)
from lensmith.domain.stack_errors import StackValidationError, TemplateError

TEMPLATE = """
Parameters:
  Name: {Type: String, MinLength: 2}
  Team: {Type: String, Default: red, AllowedValues: [red, blue]}
  Code: {Type: Number, Default: 5, NoEcho: true}
Resources:
  Parts:
    Type: AWS::Rekognition::Project
    Properties:
      ProjectName: !Sub "${Name}-parts"
      Tags: [{Key: bucket, Value: !GetAtt Pictures.Arn}]
  Pictures:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Join ["-", [!Ref Name, pictures]]}
Outputs:
  Arn: {Value: !GetAtt Parts.Arn}
"""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Checked as the server does, in a process of its own."""
    return read_document(TEMPLATE, "us-east-1")


def test_short_forms_are_read_and_resources_ordered(document: dict[str, Any]) -> None:
    assert document["Outputs"]["Arn"]["Value"] == {"Fn::GetAtt": ["Parts", "Arn"]}
    assert list(template_of(document).resources) == ["Pictures", "Parts"]


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("AWS::S3::Bucket", "AWS::EC2::VPC", "AWS::EC2::VPC"),
        ("!GetAtt Parts.Arn}", "!Select [0, [a]]}", "Fn::Select"),
        ("BucketName:", "AccessControl:", "AccessControl"),
        ("Pictures.Arn", "Pictures.WebsiteURL", "WebsiteURL"),
        ("!GetAtt Parts.Arn}", "!Ref Absent}", "Absent"),
        ("ProjectName:", "ProjectTitle:", "ProjectTitle"),
        ("Outputs:", "Conditions: {A: !Equals [a, b]}\nOutputs:", "Conditions"),
        ("Type: Number", "Type: AWS::EC2::VPC::Id", "AWS::EC2::VPC::Id"),
        ("Resources:", "Metadata: {cfn-lint: {config: {}}}\nResources:", "cfn-lint"),
        ("Resources:", "Resources: [", "Template format error"),
    ],
)
def test_what_is_not_served_is_refused_by_name(was: str, becomes: str, named: str) -> None:
    checked = check(TEMPLATE.replace(was, becomes), "us-east-1")
    found = checked["faults"]
    if checked["template"] is not None:
        found = unserved(json.loads(json.dumps(checked["template"]))) or found
    assert named in "\n".join(found)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"Conditions": {}}, "Conditions"),
        ({"Mappings": {}}, "Mappings"),
        ({"Transform": "AWS::Serverless-2016-10-31"}, "Transform"),
        ({"Rules": {}}, "Rules"),
        ({"Outputs": {"A": {"Value": "a", "Export": {"Name": "a"}}}}, "Export of output A"),
        ({"Resources": {"A": {"Type": "AWS::CloudFormation::Stack"}}}, "AWS::CloudFormation"),
        ({"Resources": {"A": {"Type": ["AWS::S3::Bucket"]}}}, "type ['AWS::S3::Bucket']"),
        ({"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {1: 2}}}}, "Property 1"),
        ({"Resources": {"A": None}}, "must be a mapping"),
        ({"Resources": []}, "At least one Resources member"),
        ({"Parameters": [1]}, "Section Parameters must be a mapping"),
        ({"Parameters": {"A": {"Type": ["String"]}}}, "of parameter A"),
        ({"Outputs": "text"}, "Section Outputs must be a mapping"),
    ],
)
def test_sections_that_are_not_served_or_of_another_form(
    document: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    assert named in "\n".join(unserved({**document, **change}))


def test_aliases_that_repeat_without_end() -> None:
    """A thousand million elements in 300 bytes."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    text = "\n".join(["l0: &l0 [x, x]", *levels, "Resources: *l9"])
    with pytest.raises(TemplateError, match="alias amplification"):
        read_document(text, "us-east-1")


def test_a_process_forks_for_each_template_and_is_replaced_when_it_is_gone() -> None:
    checks = CheckProcess()

    def pid_after(text: str) -> int:
        assert json.loads(checks.check(text, "us-east-1"))["faults"] == []
        assert checks.pid is not None
        return checks.pid

    first = pid_after(TEMPLATE)
    assert pid_after(TEMPLATE.replace("parts", "pieces")) == first
    os.kill(first, signal.SIGKILL)
    assert pid_after(TEMPLATE.replace("parts", "pictures")) != first
    checks.close()
    assert checks.pid is None


def test_parameters(document: dict[str, Any]) -> None:
    template = template_of(document)

    def values(**given: str) -> dict[str, str]:
        sent = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
        return parameter_values(template, sent, {})

    assert values(Name="ab") == {"Name": "ab", "Team": "red", "Code": "5"}
    assert {"ParameterKey": "Code", "ParameterValue": "****"} in shown(template, values(Name="ab"))
    for wrong in ({}, {"Name": "a"}, {"Name": "ab", "Team": "x"}, {"Name": "ab", "Code": "x"}):
        with pytest.raises(StackValidationError):
            values(**wrong)
    kept = parameter_values(
        template, [{"ParameterKey": "Name", "UsePreviousValue": True}], {"Name": "old"}
    )
    assert kept["Name"] == "old"


def test_functions() -> None:
    values = Values({"A": "x", "L": ["p", "q"]}, {"R": {"Arn": "arn:r"}})
    assert resolve({"Fn::Sub": "${A} ${R.Arn} ${!A}"}, values) == "x arn:r ${A}"
    assert resolve({"Fn::Sub": ["${B}-${A}", {"B": {"Ref": "A"}}]}, values) == "x-x"
    assert resolve({"Fn::Join": [",", {"Ref": "L"}]}, values) == "p,q"
    assert resolve({"a": {"Ref": "AWS::NoValue"}, "b": 1}, values) == {"b": 1}
    for wrong in ({"Ref": "Z"}, {"Fn::GetAtt": ["R", "Z"]}, {"Fn::Join": ","}, {"Fn::Sub": 3}):
        with pytest.raises(TemplateError):
            resolve(wrong, values)


def test_a_changed_name_replaces_and_tags_are_changed_in_place(document: dict[str, Any]) -> None:
    definition = Definition(TEMPLATE, document, {"Name": "new", "Team": "red", "Code": "5"})
    rest: Any = {"outputs": [], "capabilities": [], "retained": [], "created_ms": 0}
    none: Any = dict.fromkeys(
        ("reason", "description", "target", "change_set_arn", "token", "updated_ms", "deleted_ms")
    )
    stack = Stack(
        id=1,
        arn="arn",
        account_id="0" * 12,
        region="us-east-1",
        name="s",
        status=StackStatus.CREATE_COMPLETE,
        definition=definition,
        on_failure=OnFailure.ROLLBACK,
        **rest,
        **none,
    )

    def bucket(name: str, tags: dict[str, str]) -> Resource:
        return Resource(
            "Pictures",
            "AWS::S3::Bucket",
            name,
            ResourceStatus.CREATE_COMPLETE,
            None,
            {"BucketName": name, "Tags": tags},
            {"Arn": f"arn:aws:s3:::{name}"},
            "Delete",
            None,
            0,
        )

    def changes(*present: Resource) -> list[tuple[str, str, bool]]:
        found = compare(
            stack, template_of(document), definition, {one.logical_id: one for one in present}
        )
        return [(one.action, one.logical_id, one.replaces) for one in found]

    added = ("Add", "Parts", False)
    assert changes() == [("Add", "Pictures", False), added]
    assert changes(bucket("old-pictures", {})) == [("Modify", "Pictures", True), added]
    assert changes(bucket("new-pictures", {"a": "b"})) == [("Modify", "Pictures", False), added]
    assert changes(bucket("new-pictures", {})) == [added]
