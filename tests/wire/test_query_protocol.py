"""Forms and XML, with botocore's own serializer and parser as the other end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape, ShapeResolver, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.wire.shape_values import values_of

from lensmith.domain.errors import SerializationException
from lensmith.wire import cloudwatch_model
from lensmith.wire.query_protocol import (
    parse_form,
    read_request,
    serialize_error,
    serialize_response,
)

NAMESPACE = cloudwatch_model.XML_NAMESPACE
MODEL = ServiceModel(Loader().load_service_model("cloudwatch", "service-2"), "cloudwatch")


def written_shape(operation: str) -> Shape:
    """Of the answers, from a model that is not the server's own object."""
    shape = MODEL.operation_model(operation).output_shape
    assert shape is not None
    return shape


def epoch(value: Any) -> Any:
    """Timestamps as the code has them; in whole seconds, all that some protocols carry."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, dict):
        return {name: epoch(each) for name, each in value.items()}
    return [epoch(each) for each in value] if isinstance(value, list) else value


def whole(value: Any) -> Any:
    """What was read, its times (the only floats of requests) in whole seconds."""
    if isinstance(value, dict):
        return {name: whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) else value


@pytest.mark.parametrize("operation", cloudwatch_model.OPERATIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_reads_what_botocore_writes(operation: str, data: st.DataObject) -> None:
    shape = cloudwatch_model.input_shape(operation)
    asked = data.draw(values_of(shape))
    sent = create_serializer("query").serialize_to_request(asked, MODEL.operation_model(operation))
    form = parse_form(urlencode(sent["body"]).encode())
    assert form["Action"] == operation
    assert whole(read_request(shape, form)) == _in_form(epoch(asked))


def _in_form(value: Any) -> Any:
    """As a form can carry it: no structures without members."""
    if isinstance(value, dict):
        members = {name: _in_form(each) for name, each in value.items()}
        return {name: each for name, each in members.items() if each != {}}
    return [_in_form(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("operation", cloudwatch_model.OPERATIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_botocore_reads_what_is_written(operation: str, data: st.DataObject) -> None:
    shape = cloudwatch_model.output_shape(operation)
    value = data.draw(values_of(shape))
    value.pop("Datapoints", None)  # has a map, which no answer of ours does
    body = serialize_response(operation, shape, _seconds(value), "an-id", NAMESPACE)
    response = {"body": body, "headers": {}, "status_code": 200}
    parsed = create_parser("query").parse(response, written_shape(operation))
    assert parsed.pop("ResponseMetadata")["RequestId"] == "an-id"
    for name, each in value.items():
        if each:
            assert parsed[name] == _in_xml(each)


def _seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _seconds(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_seconds(each) for each in value]
    return value.timestamp() if isinstance(value, datetime) else value


def _in_xml(value: Any) -> Any:
    """As XML can carry it: no control characters, one kind of line end, no empty lists."""
    if isinstance(value, dict):
        return {name: _in_xml(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_xml(each) for each in value]
    if isinstance(value, str):
        return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", value).replace(
            "\r", "\n"
        )
    return value


def test_botocore_reads_an_error() -> None:
    body = serialize_error("Throttling", "Slow <down> \0", "an-id", NAMESPACE, of_sender=True)
    response = {"body": body, "headers": {}, "status_code": 400}
    parsed = create_parser("query").parse(response, written_shape("ListMetrics"))
    assert parsed["Error"] == {
        "Type": "Sender",
        "Code": "Throttling",
        "Message": "Slow <down> \ufffd",
    }
    assert parsed["ResponseMetadata"]["RequestId"] == "an-id"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"Action",
        b"a=%ff",
        b"&".join(b"a%d=1" % number for number in range(60_001)),
    ],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(SerializationException):
        parse_form(body)


@pytest.mark.parametrize(
    "form",
    [
        {"StartTime": "yesterday"},
        {"StartTime": "99999-01-01"},
        {"StartTime.member.1": "2026-01-01"},
        {"MaxDatapoints": "many"},
        {"MaxDatapoints": "9" * 400},
        {"MetricDataQueries": "x"},
        {"MetricDataQueries.member.x.Id": "m1"},
        {"MetricDataQueries.member": "x"},
        {"MetricDataQueries.member.1": "x"},
        {"MetricDataQueries.member.1.ReturnData": "perhaps"},
        {"MetricDataQueries.member.1.Id": "m", "MetricDataQueries.member.1.Id.x": "m"},
        {"MetricDataQueries.member.1.Id.x": "m", "MetricDataQueries.member.1.Id": "m"},
    ],
)
def test_values_of_another_type_are_refused(form: dict[str, str]) -> None:
    with pytest.raises(SerializationException):
        read_request(cloudwatch_model.input_shape("GetMetricData"), form)


def test_what_the_operation_does_not_know_is_ignored() -> None:
    deep = ".".join("abcdefghijklmnopqrstuvwxyz")
    shape = cloudwatch_model.input_shape("ListMetrics")
    assert read_request(shape, {"Namespace": "n", "Unknown.member.1": "x", deep: "x"}) == {
        "Namespace": "n"
    }


def test_times_are_utc_unless_they_say_otherwise() -> None:
    shape = cloudwatch_model.input_shape("GetMetricData")
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
    for text in (
        "2026-11-23T12:00:00Z",
        "2026-11-23T12:00:00",
        "2026-11-23T13:00+01:00",
        f"{noon:.0f}",
    ):
        assert read_request(shape, {"StartTime": text}) == {"StartTime": noon}


def test_maps_and_operations_without_output() -> None:
    members = {"Counts": {"shape": "Counts"}}
    shapes: dict[str, Any] = {
        "In": {"type": "structure", "members": members},
        "Counts": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Number"}},
        "Text": {"type": "string"},
        "Number": {"type": "integer"},
    }
    shape = StructureShape("In", shapes["In"], ShapeResolver(shapes))
    form = {"Counts.entry.1.key": "a", "Counts.entry.1.value": "1"}
    assert read_request(shape, form) == {"Counts": {"a": 1}}
    for wrong in ({"Counts.entry.1.value": "1"}, {"Counts": "a"}, {"Counts.entry.1": "a"}):
        with pytest.raises(SerializationException):
            read_request(shape, wrong)
    body = serialize_response("Get", shape, {"Counts": {"a": 1}}, "id", "urn:x")
    assert b"<Counts><entry><key>a</key><value>1</value></entry></Counts>" in body
    assert b"Result" not in serialize_response("Delete", None, {}, "id", "urn:x")
