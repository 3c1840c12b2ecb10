from __future__ import annotations

from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.shape_values import values_of

from lensmith.domain.errors import ValidationException
from lensmith.wire.service_model import CUSTOM_LABELS_OPERATIONS, input_shape
from lensmith.wire.validate import validate

ARN = "arn:aws:rekognition:us-east-1:111122223333:project/parts/1690474772815"
DATASET = "arn:aws:rekognition:us-east-1:111122223333:project/parts/dataset/train/1690474772815"
VERSION = "arn:aws:rekognition:us-east-1:111122223333:project/parts/version/v1/1690474772815"
NAME_PATTERN = r"Member must satisfy regular expression pattern: [a-zA-Z0-9_.\-]+"


def refusal(operation: str, request: dict[str, Any]) -> str:
    with pytest.raises(ValidationException) as caught:
        validate(input_shape(operation), request)
    return caught.value.message


@pytest.mark.parametrize(
    ("operation", "request_", "value", "path", "constraint"),
    [
        ("CreateProject", {}, "null", "projectName", "Member must not be null"),
        ("CreateProject", {"ProjectName": "a b"}, "'a b'", "projectName", NAME_PATTERN),
        ("CreateProject", {"ProjectName": "a\n"}, "'a\n'", "projectName", NAME_PATTERN),
        ("CreateProject", {"ProjectName": "٣"}, "'٣'", "projectName", NAME_PATTERN),
        (
            "CreateProject",
            {"ProjectName": "a" * 256},
            f"'{'a' * 256}'",
            "projectName",
            "Member must have length less than or equal to 255",
        ),
        (
            "CreateProject",
            {"ProjectName": "a", "Feature": "custom_labels"},
            "'custom_labels'",
            "feature",
            "Member must satisfy enum value set: [CONTENT_MODERATION, CUSTOM_LABELS]",
        ),
        (
            "DescribeProjects",
            {"MaxResults": 500},
            "'500'",
            "maxResults",
            "Member must have value less than or equal to 100",
        ),
        (
            "DescribeProjects",
            {"ProjectNames": []},
            "'[]'",
            "projectNames",
            "Member must have length greater than or equal to 1",
        ),
        (
            "DescribeProjects",
            {"ProjectNames": ["ok", "not ok"]},
            "'[ok, not ok]'",
            "projectNames",
            "Member must satisfy constraint: [Member must have length less than or equal to 255, "
            f"Member must have length greater than or equal to 1, {NAME_PATTERN}]",
        ),
        (
            "DetectCustomLabels",
            {"ProjectVersionArn": VERSION, "Image": {}, "MinConfidence": 200.0},
            "'200.0'",
            "minConfidence",
            "Member must have value less than or equal to 100",
        ),
        (
            "DetectCustomLabels",
            {"ProjectVersionArn": VERSION, "Image": {"Bytes": bytes(5_242_881)}},
            "'java.nio.HeapByteBuffer[pos=0 lim=5242881 cap=5242881]'",
            "image.bytes",
            "Member must have length less than or equal to 5242880",
        ),
        (
            "DistributeDatasetEntries",
            {"Datasets": [{"Arn": DATASET}, {}]},
            "null",
            "datasets.2.member.arn",
            "Member must not be null",
        ),
        (
            "TagResource",
            {"ResourceArn": ARN, "Tags": {"aws:x": "y"}},
            "'{aws:x=y}'",
            "tags",
            "Map keys must satisfy constraint: [Member must have length less than or equal to 128, "
            "Member must have length greater than or equal to 1, Member must satisfy regular "
            r"expression pattern: ^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$]",
        ),
        (
            "ListDatasetEntries",
            {"DatasetArn": DATASET, "SourceRefContains": "a\0b"},
            "'a\0b'",
            "sourceRefContains",
            "Member must not contain the character U+0000",
        ),
        (
            "ListDatasetEntries",
            {"DatasetArn": DATASET, "ContainsLabels": ["nut", "\0"]},
            "'[nut, \0]'",
            "containsLabels",
            "Member must satisfy constraint: [Member must have length less than or equal to 255, "
            "Member must have length greater than or equal to 1, Member must satisfy regular "
            "expression pattern: .{1,}, Member must not contain the character U+0000]",
        ),
        (
            "UpdateDatasetEntries",
            {"DatasetArn": DATASET, "Changes": {}},
            "null",
            "changes.groundTruth",
            "Member must not be null",
        ),
    ],
)
def test_the_sentence_for_one_broken_constraint(
    operation: str, request_: dict[str, Any], value: str, path: str, constraint: str
) -> None:
    assert refusal(operation, request_) == (
        "1 validation error detected: "
        f"Value {value} at '{path}' failed to satisfy constraint: {constraint}"
    )


def test_every_broken_constraint_is_named() -> None:
    message = refusal("CreateDataset", {"ProjectArn": "short", "DatasetType": "train"})
    assert message.startswith("3 validation errors detected: Value '")
    assert message.count("at 'projectArn'") == 2
    assert message.count("at 'datasetType'") == 1
    assert message.count("; ") == 2


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("DescribeProjects", {"NextToken": ""}),
        ("ListDatasetEntries", {"DatasetArn": DATASET, "SourceRefContains": " ü.png "}),
        ("TagResource", {"ResourceArn": ARN, "Tags": {"Größe 1/2:@": "", "٣": "日本 語"}}),
        ("CreateProject", {"ProjectName": "a" * 255, "Tags": {}}),
        (
            "CreateProjectVersion",
            {
                "ProjectArn": ARN,
                "VersionName": "v.1_-",
                "OutputConfig": {"S3Bucket": "b.c", "S3KeyPrefix": ""},
                "VersionDescription": "It's (v1): a, b; c? -_.",
                "KmsKeyId": "alias/key",
            },
        ),
        (
            "PutProjectPolicy",
            {"ProjectArn": ARN, "PolicyName": "p", "PolicyDocument": '{\n\t"é": 1}'},
        ),
    ],
)
def test_what_the_model_allows_passes(operation: str, request_: dict[str, Any]) -> None:
    validate(input_shape(operation), request_)
    assert not ParamValidator().validate(request_, input_shape(operation)).has_errors()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_finds_what_botocores_own_validator_finds(data: st.DataObject) -> None:
    """botocore knows required members and minima; shrink values until it complains."""
    name = data.draw(st.sampled_from(CUSTOM_LABELS_OPERATIONS))
    request = _damaged(data.draw(values_of(input_shape(name))), data)
    report = ParamValidator().validate(request, input_shape(name))
    if report.has_errors():
        refusal(name, request)


def _damaged(value: Any, data: st.DataObject) -> Any:
    if isinstance(value, dict):
        kept = {key: element for key, element in value.items() if data.draw(st.integers(0, 3))}
        return {key: _damaged(element, data) for key, element in kept.items()}
    if isinstance(value, bool) or data.draw(st.booleans()):
        return value
    return {str: "", list: [], bytes: b"", int: -1, float: -1.0}[type(value)]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("ListDatasetEntries", {"DatasetArn": DATASET, "SourceRefContains": " " * 7_000_000}),
        ("ListDatasetEntries", {"DatasetArn": "arn:" + "a-" * 3_000_000}),
        ("DescribeProjects", {"ProjectNames": [" "] * 3_000_000}),
        ("TagResource", {"ResourceArn": ARN, "Tags": {str(n): "" for n in range(300_000)}}),
        (
            "TagResource",
            {"ResourceArn": ARN, "Tags": {"k" * 60 + str(n): "\n" for n in range(200)}},
        ),
    ],
)
def test_a_hostile_request_is_refused_in_few_words(
    operation: str, request_: dict[str, Any]
) -> None:
    assert len(refusal(operation, request_)) < 5000
