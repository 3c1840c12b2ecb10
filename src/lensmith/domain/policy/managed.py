"""The managed policies of AWS that the guide and its samples name (api.md 4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_OPERATIONS = (
    "CopyProjectVersion",
    "CreateDataset",
    "CreateProject",
    "CreateProjectVersion",
    "DeleteDataset",
    "DeleteProject",
    "DeleteProjectPolicy",
    "DeleteProjectVersion",
    "DescribeDataset",
    "DescribeProjectVersions",
    "DescribeProjects",
    "DetectCustomLabels",
    "DistributeDatasetEntries",
    "ListDatasetEntries",
    "ListDatasetLabels",
    "ListProjectPolicies",
    "ListTagsForResource",
    "PutProjectPolicy",
    "StartProjectVersion",
    "StopProjectVersion",
    "TagResource",
    "UntagResource",
    "UpdateDatasetEntries",
)
_S3 = (
    "ListBucket",
    "ListAllMyBuckets",
    "GetBucketAcl",
    "GetBucketLocation",
    "GetObject",
    "GetObjectAcl",
    "GetObjectTagging",
    "GetObjectVersion",
    "PutObject",
)


def _allow(actions: list[str], resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


_READING = ["s3:Get*", "s3:List*", "s3:Describe*"]
_CUSTOM_LABELS = _policy(
    _allow([f"s3:{name}" for name in _S3], "arn:aws:s3:::*custom-labels*"),
    _allow([f"rekognition:{name}" for name in _OPERATIONS]),
)
_REKOGNITION_READING = [
    f"rekognition:{name}" for name in _OPERATIONS if name.startswith(("Describe", "Detect", "List"))
]

AWS_POLICIES: Mapping[str, dict[str, Any]] = {
    f"arn:aws:iam::aws:policy/{name}": document
    for name, document in {
        "AdministratorAccess": _policy(_allow(["*"])),
        "AmazonRekognitionCustomLabelsFullAccess": _CUSTOM_LABELS,
        "AmazonRekognitionFullAccess": _policy(_allow(["rekognition:*"])),
        "AmazonRekognitionReadOnlyAccess": _policy(_allow(_REKOGNITION_READING)),
        "AmazonS3FullAccess": _policy(_allow(["s3:*"])),
        "AmazonS3ReadOnlyAccess": _policy(_allow(_READING)),
        "CloudWatchReadOnlyAccess": _policy(_allow(["cloudwatch:Get*", "cloudwatch:List*"])),
        "IAMFullAccess": _policy(_allow(["iam:*"])),
        "IAMReadOnlyAccess": _policy(_allow(["iam:Get*", "iam:List*", "iam:Simulate*"])),
    }.items()
}
"""ARN -> document of the only version."""
