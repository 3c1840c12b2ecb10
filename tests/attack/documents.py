"""Texts and bytes that requests hold: documents that parse, ones that do not, and hostile words."""

from __future__ import annotations

import json
from typing import Any

from tests.isolation.pixel import PIXEL

CANARY = "canary-password-7c41f0d29b"
"""In every member that may hold a secret: no log may show it."""

_ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def _policy(*statements: Any, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def _with_condition(operator: str, key: str, value: Any) -> str:
    return _policy({**_ALLOW, "Condition": {operator: {key: value}}})


_BROKEN = (
    "",
    "null",
    "[]",
    "{}",
    '"text"',
    "[" * 5000,
    '{"a":' * 2000,
    '{"Version":"2012-10-17","Statement":',
    '{"Version":"2012-10-17","Statement":[],"Statement":{}}',
    _policy(),
    _policy(1, "x", None),
    _policy({**_ALLOW, "Effect": "Maybe"}),
    _policy({**_ALLOW, "Resource": 5}),
    _policy({**_ALLOW, "Resource": [[]]}),
    _policy({**_ALLOW, "Action": {"a": 1}}),
    _policy({**_ALLOW, "Resource": "${aws:" * 300}),
    _policy({**_ALLOW, "Sid": "é" * 3000}),
    _policy({**_ALLOW, "Principal": {"AWS": [None, 7, "*"]}}),
    _policy({**_ALLOW, "NotPrincipal": "*"}),
    _with_condition("IpAddress", "aws:SourceIp", "999.1.1.1/77"),
    _with_condition("DateLessThan", "aws:CurrentTime", "9" * 400),
    _with_condition("NumericEquals", "aws:MultiFactorAuthAge", "1e999"),
    _with_condition("ForAllValues:StringLike", "aws:TagKeys", ["*a" * 60]),
    _with_condition("Null", "aws:username", "perhaps"),
    _with_condition("Bool", "", {}),
    '{"Version":"2012-10-17","Statement":[{"Sid":"\\ud800"}]}',
    '{"Version":"2012-10-17","Statement":[{"Sid":"\\u0000"}]}',
)
_POLICIES = (
    _policy(_ALLOW),
    _policy(_ALLOW),
    _policy({**_ALLOW, "Resource": "*a" * 60}),
    _with_condition("StringEquals", "aws:username", CANARY),
    _with_condition("StringLike", "aws:PrincipalTag/${aws:username}", "?*?*?*"),
    *_BROKEN,
)
_TRUSTS = (
    *(
        _policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}})
        for principal in ("000000000000", "*", "arn:aws:iam::000000000000:root", "AIDAXXXXXXXX")
    ),
    _policy(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "arn:aws:iam::000000000000:oidc-provider/issuer.example"},
        }
    ),
    *_BROKEN,
)
_KEY_POLICIES = (
    _policy({"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": "*"}, "Resource": "*"}),
    *_BROKEN,
)


def _template(kind: str = "AWS::Rekognition::Project", **properties: Any) -> str:
    secret = {"Type": "String", "NoEcho": True, "Default": CANARY}
    return json.dumps(
        {
            "Parameters": {"P": {"Type": "String", "Default": "drawn"}, "Secret": secret},
            "Resources": {"A": {"Type": kind, "Properties": properties}},
        }
    )


_TEMPLATES = (
    _template(ProjectName={"Ref": "P"}),
    _template(ProjectName={"Ref": "P"}, Tags=[{"Key": "a", "Value": {"Ref": "Secret"}}]),
    _template("AWS::S3::Bucket", BucketName={"Fn::Sub": "${P}-attack"}),
)
_HOSTILE_TEMPLATES = (  # few: each is checked by a process of its own for seconds, once
    _template("AWS::S3::Bucket", BucketName={"Fn::Sub": "${" * 50}),
    _template(ProjectName={"Ref": CANARY}),
    json.dumps({"Resources": {"A": {"Type": ["AWS::S3::Bucket"]}}, "Parameters": [1]}),
    "a: &a [*a]",
    "!!python/object/apply:os.system ['true']",
    "Resources: \x00\n",
    "[" * 9000,
    "x" * 51_201,
)
_EXPRESSIONS = (
    "m1",
    "m1/0",
    "m1**99999",
    "(" * 3000,
    "SUM(METRICS())",
    "SEARCH('{AWS/Rekognition} ', 'Sum', 60)",
    "FILL(m1, 0) + " * 40 + "m1",
    "é + 1",
    "1e999",
)
_POINTS = ("fetched", "*", "s3:*", "rekognition:DetectCustomLabels", "iam:?", "a:b")

DOCUMENTS: dict[str, tuple[str, ...]] = {
    "PolicyDocument": _POLICIES,
    "ProjectPolicyDocument": _POLICIES,
    "PolicyInputList": _POLICIES,
    "PermissionsBoundaryPolicyInputList": _POLICIES,
    "ResourcePolicy": _POLICIES,
    "AssumeRolePolicyDocument": _TRUSTS,
    "Policy": (*_KEY_POLICIES, *_POLICIES),
    "TemplateBody": (*_TEMPLATES * 20, *_HOSTILE_TEMPLATES),
    "Expression": _EXPRESSIONS,
    "ActionNames": _POINTS,
    "ParameterKey": ("P", "P", "Secret", "Q"),
    "ParameterValue": (CANARY, "drawn", "other", "", "x" * 5000),
    "StackName": ("one", "two", "three", "one-1", "é", "arn:aws:cloudformation:::stack/one/1"),
    "WebIdentityToken": (
        f"eyJhbGciOiJub25lIn0.{CANARY}.",
        "..",
        "a.b.c",
        "x" * 20_000,
        "eyJ9.e30.é",
    ),
    "ServiceCode": ("rekognition", "rekognition", "s3"),
    "Namespace": ("AWS/Rekognition", "AWS/Rekognition", "Lensmith", ":"),
    "MetricName": ("SuccessfulRequestCount", "CallCount", "ThrottledCount", "ResponseTime", "é"),
    "UploadId": ("0" * 32, "../..", "x"),
    "CopySource": ("/", "b", "b/k", "%", "%ff/%fe", "b/k?versionId=null", "/b//k", "é/ü"),
    "Range": (
        "bytes=0-0",
        "bytes=-1",
        "bytes=5-2",
        "bytes=0-" + "9" * 40,
        "bits=1-2",
        "bytes=0-1,3-4",
    ),
    "VersionId": ("null", "v1", "v2", "v999999", "x" * 1024),
}
BLOBS = (
    CANARY.encode(),
    PIXEL,
    PIXEL[: len(PIXEL) // 2],
    b"",
    b"\xff\xd8\xff\xe0" + b"\0" * 40,
    b"GIF89a\xff\xff\xff\xff",
    b'{"source-ref":"s3://elsewhere/a.png"}\n',
    b'{"source-ref":' * 900,
    b"\xff\xfe\n\x00\n",
    b'{"source-ref":"s3://b/\\ud800.png"}\n',
    bytes(range(256)) * 20,
)
HOSTILE_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\x01\x02\x1b[31m\x7f\x85",
    "\r\nSet-Cookie: a=b\r\n\r\n",
    "\ud800",
    "\ufffe\uffff",
    "\u202e\u200b\ufeff",
    "é\U0001f600" * 40,
    "x" * 300,
    "x" * 70_000,
    "../../../../etc/passwd",
    "..",
    "/",
    "//",
    "\\",
    "%00%2e%2e%2f",
    "{0}{1.__class__}%s%n${jndi:x}",
    "' OR 1=1; DROP TABLE projects; --",
    "%_*?[a-z",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "]]></Key>",
    "arn:aws:rekognition:us-east-1:000000000000:project/a/version/b/0",
    "arn:" + ":" * 200,
    "arn:aws:iam::000000000000:user/" + "a/" * 400,
    "-0",
    "NaN",
    "1e999",
    "9" * 400,
    "true",
    "null",
    "2026-13-45T99:99:99Z",
    "0000-00-00",
    CANARY,
)
