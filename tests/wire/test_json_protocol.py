from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.wire.shape_values import values_of

from lensmith.domain.errors import (
    InvalidS3ObjectException,
    SerializationException,
    ThrottlingException,
    ValidationException,
)
from lensmith.wire.json_protocol import parse_request, serialize_error, serialize_response
from lensmith.wire.service_model import (
    CUSTOM_LABELS_OPERATIONS,
    input_shape,
    operation_model,
    output_shape,
)
from lensmith.wire.validate import validate

SERIALIZER = create_serializer("json")
PARSER = create_parser("json")
OPERATIONS = st.sampled_from(CUSTOM_LABELS_OPERATIONS)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_reads_every_request_that_botocore_writes(data: st.DataObject) -> None:
    name = data.draw(OPERATIONS)
    request = data.draw(values_of(input_shape(name)))
    sent = SERIALIZER.serialize_to_request(request, operation_model(name))
    received = parse_request(input_shape(name), sent["body"])
    assert received == request
    validate(input_shape(name), received)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_botocore_reads_every_reply(data: st.DataObject) -> None:
    name = data.draw(OPERATIONS)
    expected = data.draw(values_of(output_shape(name)))
    body = serialize_response(output_shape(name), _with_epoch_seconds(expected))
    response = {"status_code": 200, "headers": {}, "body": body}
    parsed = PARSER.parse(response, output_shape(name))
    del parsed["ResponseMetadata"]
    assert parsed == expected


def _with_epoch_seconds(value: Any) -> Any:
    """The value as operations return it: timestamps as floats."""
    if isinstance(value, dict):
        return {key: _with_epoch_seconds(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_with_epoch_seconds(element) for element in value]
    return value.timestamp() if hasattr(value, "timestamp") else value


def test_unknown_and_null_members_are_left_out() -> None:
    body = b'{"NextToken":null,"MaxResults":7,"Extra":{"a":[1]},"ProjectNames":["p"]}'
    request = parse_request(input_shape("DescribeProjects"), body)
    assert request == {"MaxResults": 7, "ProjectNames": ["p"]}
    assert parse_request(input_shape("DescribeProjects"), b"") == {}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("DescribeProjects", b"{"),
        ("DescribeProjects", b"[]"),
        ("DescribeProjects", b"null"),
        ("DescribeProjects", b"{} {}"),
        ("DescribeProjects", b'{"NextToken":"\xff"}'),
        ("DescribeProjects", b'{"NextToken":"\\ud800"}'),
        ("DescribeProjects", b"[" * 100_000),
        ("DescribeProjects", b'{"MaxResults":"7"}'),
        ("DescribeProjects", b'{"MaxResults":7.5}'),
        ("DescribeProjects", b'{"MaxResults":true}'),
        ("DescribeProjects", b'{"MaxResults":2147483648}'),
        ("DescribeProjects", b'{"MaxResults":' + b"9" * 5000 + b"}"),
        ("DescribeProjects", b'{"ProjectNames":"p"}'),
        ("DescribeProjects", b'{"ProjectNames":[null]}'),
        ("DescribeProjects", b'{"ProjectNames":[1]}'),
        ("DescribeProjects", b'{"NextToken":1}'),
        ("ListDatasetEntries", b'{"HasErrors":"false"}'),
        ("TagResource", b'{"Tags":[]}'),
        ("TagResource", b'{"Tags":{"a":1}}'),
        ("DetectCustomLabels", b'{"Image":"x"}'),
        ("DetectCustomLabels", b'{"MinConfidence":"50"}'),
        ("DetectCustomLabels", b'{"MinConfidence":1e400}'),
        ("DetectCustomLabels", b'{"MinConfidence":' + b"9" * 400 + b"}"),
        ("DetectCustomLabels", b'{"Image":{"Bytes":1}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"QQ"}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"Q Q="}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"QQ==QQ=="}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"QUJD===="}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"QQ==\\n"}}'),
        ("DetectCustomLabels", b'{"Image":{"Bytes":"-_=="}}'),
        ("DetectCustomLabels", '{"Image":{"Bytes":"é"}}'.encode()),
    ],
)
def test_a_body_of_another_form_is_refused(operation: str, body: bytes) -> None:
    with pytest.raises(SerializationException):
        parse_request(input_shape(operation), body)


def test_floats_are_single_precision_and_timestamps_are_not() -> None:
    body = serialize_response(
        output_shape("DescribeProjectVersions"),
        {
            "ProjectVersionDescriptions": [
                {
                    "CreationTimestamp": 1690556751.958,
                    "EvaluationResult": {"F1Score": 0.1},
                    "KmsKeyId": None,
                }
            ]
        },
    )
    assert json.loads(body) == {
        "ProjectVersionDescriptions": [
            {
                "CreationTimestamp": 1690556751.958,
                "EvaluationResult": {"F1Score": 0.10000000149011612},
            }
        ]
    }


@pytest.mark.parametrize(
    ("operation", "value"),
    [
        ("CreateProject", {"ProjectARN": "x"}),
        ("CreateProject", {"ProjectArn": 1}),
        ("StartProjectVersion", {"Status": True}),
        ("DescribeDataset", {"DatasetDescription": {"DatasetStats": {"TotalEntries": True}}}),
        ("DescribeDataset", {"DatasetDescription": {"DatasetStats": {"TotalEntries": 1.0}}}),
        ("DetectCustomLabels", {"CustomLabels": [{"Confidence": float("nan")}]}),
        ("DetectCustomLabels", {"CustomLabels": [{"Confidence": float("inf")}]}),
    ],
)
def test_a_reply_that_does_not_fit_the_model_is_a_defect(
    operation: str, value: dict[str, Any]
) -> None:
    with pytest.raises((TypeError, ValueError)):
        serialize_response(output_shape(operation), value)


def test_the_two_forms_of_an_error() -> None:
    assert json.loads(serialize_error(ValidationException("why"), "id")) == {
        "__type": "ValidationException",
        "message": "why",
    }
    assert json.loads(serialize_error(InvalidS3ObjectException(), "id")) == {
        "__type": "InvalidS3ObjectException",
        "Code": "InvalidS3ObjectException",
        "Logref": "id",
        "Message": InvalidS3ObjectException.default,
    }


@pytest.mark.parametrize("error", [ValidationException("why"), ThrottlingException()])
def test_botocore_reads_code_and_message(error: ValidationException | ThrottlingException) -> None:
    body = serialize_error(error, "id")
    response = {"status_code": error.status, "headers": {}, "body": body}
    parsed = PARSER.parse(response, output_shape("CreateProject"))
    assert parsed["Error"]["Code"] == error.code
    assert parsed["Error"]["Message"] == error.message
