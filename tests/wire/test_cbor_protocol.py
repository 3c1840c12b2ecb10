"""CBOR, with botocore's own serializer and parser as the other end; hostile bodies."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.wire.shape_values import values_of
from tests.wire.test_query_protocol import MODEL, epoch, whole, written_shape

from lensmith.domain.errors import SerializationException
from lensmith.wire import cloudwatch_model
from lensmith.wire.cbor_protocol import parse_request, serialize_error, serialize_response

SHAPE = cloudwatch_model.input_shape("GetMetricData")


@pytest.mark.parametrize("operation", cloudwatch_model.OPERATIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reads_what_botocore_writes(operation: str, data: st.DataObject) -> None:
    shape = cloudwatch_model.input_shape(operation)
    asked = data.draw(values_of(shape))
    serializer = create_serializer("smithy-rpc-v2-cbor")
    sent = serializer.serialize_to_request(asked, MODEL.operation_model(operation))
    assert sent["url_path"] == f"/service/{cloudwatch_model.TARGET}/operation/{operation}"
    assert whole(parse_request(shape, sent["body"])) == epoch(asked)


def test_botocore_reads_what_is_written() -> None:
    result = {"Id": "m1", "Timestamps": [1.5, 60.0], "Values": [0.1, -3.0], "Label": None}
    body = serialize_response(
        cloudwatch_model.output_shape("GetMetricData"),
        {"MetricDataResults": [result], "Messages": []},
    )
    parsed = _parsed(body, 200)
    (read,) = parsed["MetricDataResults"]
    assert [moment.timestamp() for moment in read["Timestamps"]] == [1.5, 60.0]
    assert (read["Id"], read["Values"], "Label" in read) == ("m1", [0.1, -3.0], False)


def test_botocore_reads_an_error() -> None:
    parsed = _parsed(serialize_error("InvalidNextToken", "No."), 400)
    assert parsed["Error"] == {"Code": "InvalidNextToken", "Message": "No."}


def _parsed(body: bytes, status: int) -> Any:
    response = {"body": body, "headers": {}, "status_code": status}
    return create_parser("smithy-rpc-v2-cbor").parse(response, written_shape("GetMetricData"))


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\x81" * 100_000 + b"\x01",
        bytes.fromhex("9bffffffffffffffff"),
        bytes.fromhex("5bffffffffffffffff"),
        cbor2.dumps([1]),
        cbor2.dumps({"StartTime": "yesterday"}),
        cbor2.dumps({"StartTime": cbor2.CBORTag(1, 1e300)}),
        cbor2.dumps({"StartTime": float("nan")}),
        cbor2.dumps({"MaxDatapoints": 1 << 80}),
        cbor2.dumps({"MetricDataQueries": {"Id": "m1"}}),
        *(cbor2.dumps({"StartTime": cbor2.CBORTag(tag, 0)}) for tag in (0, 5, 25, 28, 29, 35)),
    ],
)
def test_hostile_bodies_are_refused_at_once(body: bytes) -> None:
    with pytest.raises(SerializationException):
        parse_request(SHAPE, body)


def test_references_cannot_blow_a_body_up() -> None:
    shared = [cbor2.CBORTag(28, [{"Id": "m1"}] * 10)] + [cbor2.CBORTag(29, 0)] * 1000
    with pytest.raises(SerializationException):
        parse_request(SHAPE, cbor2.dumps({"MetricDataQueries": shared}))
