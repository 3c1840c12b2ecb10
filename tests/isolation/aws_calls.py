"""Requests of the AWS APIs, made from their tables and botocore's models.

A required member without an entry here fails the test: a new operation says what it names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from tests.isolation.client import Sent
from tests.isolation.pixel import PIXEL
from tests.isolation.places import At

from lensmith.api.json_service.service import json_services
from lensmith.operations.cloudformation.table import OPERATIONS as CLOUDFORMATION_OPERATIONS
from lensmith.operations.cloudtrail.table import OPERATIONS as CLOUDTRAIL_OPERATIONS
from lensmith.operations.cloudwatch import OPERATIONS as CLOUDWATCH
from lensmith.operations.iam.table import OPERATIONS as IAM_OPERATIONS
from lensmith.operations.kms.table import OPERATIONS as KMS
from lensmith.operations.quotas.table import OPERATIONS as QUOTAS_OPERATIONS
from lensmith.operations.sts.table import OPERATIONS as STS_OPERATIONS
from lensmith.operations.table import OPERATIONS as REKOGNITION
from lensmith.wire import cloudwatch_model, kms_model, service_model
from lensmith.wire.json_models import CLOUDTRAIL, SERVICE_QUOTAS, JsonModel
from lensmith.wire.query_model import CLOUDFORMATION, IAM, STS, QueryModel

Build = Callable[[At], Sent]

_ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
_DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [_ALLOW]})
_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "000000000000"}}
        ],
    }
)
_KEY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": "*"}, "Resource": "*"}
        ],
    }
)
TEMPLATE = json.dumps(
    {
        "Resources": {
            "Parts": {
                "Type": "AWS::Rekognition::Project",
                "Properties": {"ProjectName": {"Fn::Sub": "${AWS::StackName}-parts"}},
            }
        }
    }
)
_LINE = b'{"source-ref":"s3://elsewhere/a.png"}\n'

_JSON_SERVICES = ((CLOUDTRAIL, CLOUDTRAIL_OPERATIONS), (SERVICE_QUOTAS, QUOTAS_OPERATIONS))

# member -> field of a place, and its slot where another of its kind is in the request
_NAMES: dict[str, tuple[str, str | None]] = {
    "ProjectArn": ("project_arn", None),
    "SourceProjectArn": ("project_arn", "source"),
    "DestinationProjectArn": ("project_arn", None),
    "ProjectName": ("project", None),
    "DatasetArn": ("train_arn", None),
    "Arn": ("train_arn", None),
    "ProjectVersionArn": ("version_arn", None),
    "SourceProjectVersionArn": ("version_arn", "source"),
    "ResourceArn": ("version_arn", None),
    "Bucket": ("bucket", None),
    "Name": ("key", None),
    "UserName": ("user", None),
    "RoleName": ("role", None),
    "GroupName": ("group", None),
    "RoleArn": ("role_arn", None),
    "PolicyArn": ("policy_arn", None),
    "PermissionsBoundary": ("policy_arn", None),
    "PolicySourceArn": ("user_arn", None),
    "RetiringPrincipal": ("user_arn", None),
    "GranteePrincipal": ("user_arn", None),
    "KeyId": ("cmk_arn", None),
    "TargetKeyId": ("cmk_arn", None),
    "DestinationKeyId": ("cmk_arn", None),
    "AliasName": ("alias", None),
    "AccessKeyId": ("key_id", None),
    "StackName": ("stack", None),
    "OpenIDConnectProviderArn": ("provider_arn", None),
}
_OPTIONAL_NAMES = frozenset({"UserName", "PermissionsBoundary", "AccessKeyId"})
_FREE: dict[str, Any] = {
    "DatasetType": "TEST",
    "VersionName": "fresh",
    "PolicyDocument": _DOCUMENT,
    "AssumeRolePolicyDocument": _TRUST,
    "PolicyInputList": [_DOCUMENT],
    "ActionNames": ["s3:GetObject"],
    "PolicyName": "some",
    "PolicyRevisionId": "0123456789abcdef0123456789abcdef",
    "VersionId": "v1",
    "RoleSessionName": "session",
    "WebIdentityToken": "eyJhbGciOiJub25lIn0.e30.",
    "GroundTruth": _LINE,
    "S3KeyPrefix": "out/",
    "S3Bucket": "results-elsewhere",
    "Plaintext": b"data",
    "CiphertextBlob": b"not a ciphertext",
    "GrantId": "0" * 64,
    "Policy": _KEY_POLICY,
    "Description": "new",
    "TagKey": "key",
    "TagValue": "value",
    "NumberOfBytes": 16,
    "ServiceCode": "rekognition",
    "QuotaCode": "L-CL000001",
    "Key": "key",
    "Value": "value",
    "TagKeys": ["key"],
    "Tags": {"key": "value"},
    "Namespace": "AWS/Rekognition",
    "MetricName": "CallCount",
    "Id": "one",
    "Status": "Inactive",
    "Bytes": PIXEL,
    "ClientID": "client",
    "ThumbprintList": ["0" * 40],
    "TemplateBody": TEMPLATE,
    "LogicalResourceId": "Parts",
}
_MEMBERS_OF: dict[str, tuple[str, ...]] = {  # optional members that a request needs to mean much
    "DetectCustomLabels": ("ProjectVersionArn", "Image"),
    "SimulatePrincipalPolicy": ("PolicySourceArn", "ActionNames"),
    "GenerateDataKey": ("KeyId", "NumberOfBytes"),
    "GenerateDataKeyWithoutPlaintext": ("KeyId", "NumberOfBytes"),
    "GenerateRandom": ("NumberOfBytes",),
    "RetireGrant": ("KeyId", "GrantId"),
    "Decrypt": ("CiphertextBlob",),
    "ReEncrypt": ("CiphertextBlob", "DestinationKeyId"),
    "CreateStack": ("StackName", "TemplateBody"),
    "UpdateStack": ("StackName", "TemplateBody"),
    "ValidateTemplate": ("TemplateBody",),
    "CreateProjectVersion": ("ProjectArn", "VersionName", "OutputConfig"),
}
_SAMPLES: dict[str, Callable[[At], list[dict[str, Any]]]] = {
    "rekognition:CreateDataset": lambda at: [
        {
            "ProjectArn": at("project_arn"),
            "DatasetType": "TEST",
            "DatasetSource": {"DatasetArn": at("train_arn", "source")},
        },
        {
            "ProjectArn": at("project_arn"),
            "DatasetType": "TEST",
            "DatasetSource": {
                "GroundTruthManifest": {
                    "S3Object": {"Bucket": at("bucket"), "Name": at("manifest")}
                }
            },
        },
    ],
    "rekognition:DetectCustomLabels": lambda at: [
        {
            "ProjectVersionArn": at("version_arn"),
            "Image": {"S3Object": {"Bucket": at("bucket"), "Name": at("key")}},
        },
        {"ProjectVersionArn": at("version_arn"), "Image": {"Bytes": PIXEL}},
    ],
    "iam:CreateOpenIDConnectProvider": lambda at: [{"Url": f"https://{at('issuer')}"}],
    "cloudformation:CreateChangeSet": lambda at: [
        {"StackName": at("stack"), "ChangeSetName": "fresh", "TemplateBody": TEMPLATE},
        {
            "StackName": at("stack"),
            "ChangeSetName": at("change_set"),
            "ChangeSetType": "CREATE",
            "TemplateBody": TEMPLATE,
        },
    ],
    **{
        f"cloudformation:{operation}": lambda at: [
            {"StackName": at("stack"), "ChangeSetName": at("change_set")},
            {"StackName": at("stack_arn"), "ChangeSetName": at("change_set_arn")},
            {"ChangeSetName": at("change_set_arn")},
        ]
        for operation in ("DescribeChangeSet", "ExecuteChangeSet", "DeleteChangeSet")
    },
    "cloudformation:GetTemplate": lambda at: [
        {"StackName": at("stack")},
        {"StackName": at("stack_arn"), "ChangeSetName": at("change_set")},
        {"ChangeSetName": at("change_set_arn")},
    ],
    "cloudformation:DescribeStacks": lambda at: [
        {"StackName": at("stack")},
        {"StackName": at("stack_arn")},
        {},
    ],
    "cloudformation:DescribeStackResources": lambda at: [
        {"StackName": at("stack")},
        {"PhysicalResourceId": at("stacked_arn")},
    ],
    "cloudformation:GetTemplateSummary": lambda at: [{"StackName": at("stack")}],
    "rekognition:DistributeDatasetEntries": lambda at: [
        {"Datasets": [{"Arn": at("train_arn")}, {"Arn": at("test_arn", "second")}]}
    ],
    "monitoring:GetMetricData": lambda _: [
        {
            "MetricDataQueries": [
                {
                    "Id": "one",
                    "MetricStat": {
                        "Metric": {"Namespace": "AWS/Rekognition", "MetricName": "CallCount"},
                        "Period": 60,
                        "Stat": "Sum",
                    },
                }
            ],
            "StartTime": 1_700_000_000,
            "EndTime": 1_700_003_600,
        }
    ],
    "rekognition:TagResource": lambda at: [
        {"ResourceArn": at(arn), "Tags": {"a": "b"}}
        for arn in ("project_arn", "train_arn", "version_arn")
    ],
    "rekognition:ListTagsForResource": lambda at: [
        {"ResourceArn": at(arn)} for arn in ("project_arn", "train_arn", "version_arn")
    ],
}


def aws_requests() -> Iterator[tuple[str, Build]]:
    """Yield each operation of the tables with what makes a request of it; several have more."""
    for name in REKOGNITION:
        yield from _of(f"rekognition:{name}", service_model.input_shape(name), _rekognition)
    for name in KMS:
        yield from _of(f"kms:{name}", kms_model.input_shape(name), _kms)
    for name in CLOUDWATCH:
        yield from _of(f"monitoring:{name}", cloudwatch_model.input_shape(name), _cloudwatch)
    assert len(json_services()) == len(_JSON_SERVICES), "name the new service here"
    for json_model, operations in _JSON_SERVICES:
        for name in operations:
            action = f"{json_model.name}:{name}"
            yield from _of(action, json_model.input_shape(name), partial(_json_service, json_model))
    for model, table in (
        (IAM, IAM_OPERATIONS),
        (STS, STS_OPERATIONS),
        (CLOUDFORMATION, CLOUDFORMATION_OPERATIONS),
    ):
        for name in table:
            yield from _of(f"{model.name}:{name}", model.input_shape(name), _form(model))


_Write = Callable[[str, dict[str, Any]], Sent]


def _of(action: str, shape: StructureShape, write: _Write) -> Iterator[tuple[str, Build]]:
    name = action.partition(":")[2]
    if action not in _SAMPLES:
        yield action, lambda at: write(name, _members(shape, name, at))
        return
    for number in range(len(_SAMPLES[action](lambda *_: ""))):
        yield (
            f"{action}#{number}",
            lambda at, number=number: write(name, _SAMPLES[action](at)[number]),  # type: ignore[misc]
        )


def _members(shape: StructureShape, operation: str, at: At) -> dict[str, Any]:
    wanted = {*shape.required_members, *_MEMBERS_OF.get(operation, ())}
    wanted |= _OPTIONAL_NAMES & shape.members.keys()
    if operation.startswith("Create") and "PermissionsBoundary" not in shape.members:
        wanted -= _OPTIONAL_NAMES - {"UserName"}
    return {
        name: _value(member, name, operation, at)
        for name, member in shape.members.items()
        if name in wanted
    }


def _value(shape: Shape, name: str, operation: str, at: At) -> Any:
    if operation == "CreatePolicy" and name == "PolicyName":
        return at("policy")
    if isinstance(shape, StringShape) and name in _NAMES:
        field, slot = _NAMES[name]
        return at(field, slot)
    if name in _FREE and (name != "Tags" or isinstance(shape, MapShape)):
        return _FREE[name]
    if isinstance(shape, StructureShape):
        return {
            member: _value(shape.members[member], member, operation, at)
            for member in (shape.required_members or list(shape.members))
            if member != "Version"
        }
    if isinstance(shape, ListShape):
        return [_value(shape.member, name, operation, at)]
    if isinstance(shape, MapShape):
        return {"key": "value"}
    return _scalar(shape, name, operation)


def _scalar(shape: Shape, name: str, operation: str) -> Any:
    if isinstance(shape, StringShape) and shape.enum:
        return shape.enum[0]
    if shape.type_name in ("integer", "long", "float", "double"):
        return max(shape.metadata.get("min", 1), 60 if name == "Period" else 1)
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "timestamp":
        return 1_700_000_000 + (3600 if name == "EndTime" else 0)
    raise AssertionError(f"{operation}.{name}: tests/isolation/aws_calls.py must say what it names")


def _rekognition(operation: str, members: Mapping[str, Any]) -> Sent:
    return _json("rekognition", f"{service_model.TARGET_PREFIX}{operation}", members)


def _kms(operation: str, members: Mapping[str, Any]) -> Sent:
    return _json("kms", f"{kms_model.TARGET_PREFIX}{operation}", members)


def _json_service(model: JsonModel, operation: str, members: Mapping[str, Any]) -> Sent:
    return _json(model.name, f"{model.target}{operation}", members)


def _cloudwatch(operation: str, members: Mapping[str, Any]) -> Sent:
    target = f"{cloudwatch_model.TARGET}.{operation}"
    return _json("monitoring", target, members, "application/x-amz-json-1.0")


def _json(
    service: str,
    target: str,
    members: Mapping[str, Any],
    media_type: str = "application/x-amz-json-1.1",
) -> Sent:
    headers = {"x-amz-target": target, "content-type": media_type}
    return Sent(service, "POST", "/", _encoded(members), headers)


def _form(model: QueryModel) -> _Write:
    def write(operation: str, members: Mapping[str, Any]) -> Sent:
        form = {"Action": operation, "Version": model.version, **dict(_flat(members))}
        return Sent(
            model.name,
            "POST",
            "/",
            urlencode(form).encode(),
            {"content-type": "application/x-www-form-urlencoded"},
        )

    return write


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _flat(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, element in enumerate(value, start=1):
            yield from _flat(element, f"{path}.member.{number}")
    else:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _encoded(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, default=lambda data: base64.b64encode(data).decode()).encode()
