"""The CloudWatch calls, asked by boto3 in each protocol that its service model names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from tests.api.metered import BEGIN, DIMENSIONS, END, IN_SERVICE, Metered, metered

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

PROTOCOLS = ["json", "smithy-rpc-v2-cbor", "query"]
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metered]:
    with metered(tmp_path_factory.mktemp("metered")) as running:
        yield running


@pytest.fixture(scope="module", params=PROTOCOLS)
def cloudwatch(request: pytest.FixtureRequest, server: Metered) -> CloudWatchClient:
    return server.client(request.param)


@pytest.fixture(scope="module")
def by_default(server: Metered) -> CloudWatchClient:
    return server.client()


def stat(name: str = "m1", period: int = 3600, statistic: str = "Average", **more: Any) -> Any:
    asked = {"Metric": IN_SERVICE, "Period": period, "Stat": statistic}
    return {"Id": name, "MetricStat": {**asked, **more.pop("stat", {})}, **more}


def growing_arrays(count: int, width: int) -> Any:
    """Each holds the one before it many times."""
    return [
        {"Id": f"e{number}", "Expression": f"[{','.join([f'e{number - 1}'] * width)}]"}
        for number in range(1, count)
    ]


def data(client: CloudWatchClient, *queries: Any, **more: Any) -> list[Any]:
    given = {"StartTime": BEGIN, "EndTime": END, "ScanBy": "TimestampAscending", **more}
    return list(
        client.get_metric_data(MetricDataQueries=list(queries), **given)["MetricDataResults"]
    )


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    said = error.value.response["Error"]
    return said["Code"], said["Message"]


def test_the_report_of_hours_and_units_runs_unchanged(cloudwatch: CloudWatchClient) -> None:
    used, hours = data(
        cloudwatch,
        {"Id": "e1", "Expression": "SUM(m1)*m1", "Label": "Inference units used"},
        {"Id": "e2", "Expression": "DATAPOINT_COUNT(m1)*m1/m1", "Label": "Hours running"},
        stat(ReturnData=False),
    )
    assert used["Label"] == "Inference units used"
    assert used["Timestamps"] == hours["Timestamps"] == [BEGIN, BEGIN + HOUR]
    assert used["Values"] == [3, 6]
    assert hours["Values"] == [2, 2]
    assert used["StatusCode"] == "Complete"


@pytest.mark.parametrize(
    ("statistic", "values"),
    [
        ("Average", [1, 2]),
        ("Sum", [60, 60]),
        ("SampleCount", [60, 30]),
        ("Minimum", [1, 2]),
        ("Maximum", [1, 2]),
    ],
)
def test_statistics_of_metric_data(
    cloudwatch: CloudWatchClient, statistic: str, values: list[float]
) -> None:
    (result,) = data(cloudwatch, stat(statistic=statistic))
    assert (result["Id"], result["Label"]) == ("m1", "InServiceInferenceUnits")
    assert result["Values"] == values


def test_pages_of_metric_data(cloudwatch: CloudWatchClient) -> None:
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[stat("m1", 60), stat("m2", 60, "Maximum")],
        StartTime=BEGIN,
        EndTime=END,
        PaginationConfig={"PageSize": 50},
    )
    values: dict[str, list[float]] = {"m1": [], "m2": []}
    sizes = []
    for each in pages:
        sizes.append(sum(len(result["Values"]) for result in each["MetricDataResults"]))
        for result in each["MetricDataResults"]:
            values[result["Id"]] += result["Values"]
    assert sizes == [50, 50, 50, 30]
    newest_first = [2.0] * 30 + [1.0] * 60
    assert values == {"m1": newest_first, "m2": newest_first}


def test_statistics_of_one_metric(cloudwatch: CloudWatchClient) -> None:
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Rekognition",
        MetricName="ResponseTime",
        Dimensions=[{"Name": "Operation", "Value": "DetectCustomLabels"}],
        StartTime=BEGIN,
        EndTime=END,
        Period=300,
        Statistics=["Average", "SampleCount", "Maximum"],
    )
    assert answer["Label"] == "ResponseTime"
    assert answer["Datapoints"] == [
        {
            "Timestamp": BEGIN + HOUR,
            "Average": 50,
            "SampleCount": 3,
            "Maximum": 90,
            "Unit": "Milliseconds",
        }
    ]


def test_listing_by_dimensions(cloudwatch: CloudWatchClient) -> None:
    listed = cloudwatch.list_metrics(Namespace="AWS/Rekognition")["Metrics"]
    assert [(each["MetricName"], len(each["Dimensions"])) for each in listed] == [
        ("InServiceInferenceUnits", 2),
        ("ResponseTime", 1),
        ("ResponseTime", 0),
    ]
    assert listed[0] == IN_SERVICE
    named = cloudwatch.list_metrics(MetricName="ResponseTime")["Metrics"]
    assert named == listed[1:]
    of_version = cloudwatch.list_metrics(Dimensions=[DIMENSIONS[0], {"Name": "VersionName"}])
    assert of_version["Metrics"] == [IN_SERVICE]
    for nothing in (
        {"Dimensions": [{"Name": "ProjectName", "Value": "other"}]},
        {"Dimensions": [{"Name": "Instance"}]},
        {"Namespace": "AWS/EC2"},
        {"RecentlyActive": "PT3H"},
    ):
        assert cloudwatch.list_metrics(**nothing)["Metrics"] == []


def test_another_namespace_dimension_unit_or_account_has_no_data(
    by_default: CloudWatchClient,
) -> None:
    results = data(
        by_default,
        stat("a", stat={"Metric": {**IN_SERVICE, "Namespace": "AWS/EC2"}}),
        stat("b", stat={"Metric": {**IN_SERVICE, "Dimensions": DIMENSIONS[:1]}}),
        stat("c", stat={"Unit": "Seconds"}),
        stat("d", AccountId="444455556666"),
        stat("e", stat={"Unit": "Count"}),
    )
    assert [len(result["Values"]) for result in results] == [0, 0, 0, 0, 2]
    assert [result["StatusCode"] for result in results] == [
        *["Complete"] * 3,
        "Forbidden",
        "Complete",
    ]


def test_a_start_within_a_period_takes_the_whole_period(by_default: CloudWatchClient) -> None:
    (result,) = data(by_default, stat(), StartTime=BEGIN + timedelta(minutes=20, seconds=3))
    assert result["Timestamps"] == [BEGIN, BEGIN + HOUR]
    assert result["Values"] == [1, 2]


@pytest.mark.parametrize(
    ("queries", "code", "words"),
    [
        ([stat("M1")], "ValidationError", "not matching the expected pattern"),
        ([stat(), stat()], "ValidationError", "not unique"),
        ([stat(period=90)], "ValidationError", "MetricStat.Period must be"),
        ([stat(statistic="p99")], "ValidationError", "p99"),
        ([stat(Expression="m1")], "ValidationError", "exactly one of"),
        ([{"Id": "m1"}], "ValidationError", "exactly one of"),
        ([], "ValidationError", "1 to 500"),
        ([stat(f"m{each}") for each in range(501)], "ValidationError", "1 to 500"),
        ([stat(ReturnData=False)], "ValidationError", "At least one"),
        ([stat(), {"Id": "e1", "Expression": "SUM(m1)"}], "ValidationError", "a time series"),
        ([{"Id": "e1", "Expression": "m9"}], "ValidationError", "the id m9"),
        ([{"Id": "e1", "Expression": "m1.real"}], "ValidationError", "expression 'e1'"),
        ([stat(), {"Id": "e1", "Expression": "RATE(m1)"}], "ValidationError", "RATE"),
        (
            [{"Id": "e1", "Expression": "e2"}, {"Id": "e2", "Expression": "e1"}],
            "ValidationError",
            "circle",
        ),
        ([{"Id": "e1", "Expression": "m" * 2049}], "ValidationError", "2048"),
        ([stat("e0"), *growing_arrays(5, 500)], "ValidationError", "too much work"),
        (
            [stat(stat={"Metric": {**IN_SERVICE, "Dimensions": DIMENSIONS[:1] * 2}})],
            "ValidationError",
            "more than once",
        ),
        ([stat(stat={"Unit": "Bananas"})], "ValidationError", "enum value set"),
    ],
)
def test_queries_that_are_refused(
    by_default: CloudWatchClient, queries: list[Any], code: str, words: str
) -> None:
    with pytest.raises(ClientError) as error:
        data(by_default, *queries)
    assert refused(error)[0] == code
    assert words in refused(error)[1]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"StartTime": END, "EndTime": BEGIN}, "ValidationError"),
        ({"MaxDatapoints": 0}, "ValidationError"),
        ({"MaxDatapoints": 100_801}, "ValidationError"),
        ({"ScanBy": "Alphabet"}, "ValidationError"),
        ({"NextToken": "bm8="}, "InvalidNextToken"),
    ],
)
def test_an_error_has_one_code_in_every_protocol(
    cloudwatch: CloudWatchClient, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as error:
        data(cloudwatch, stat(), **given)
    assert refused(error)[0] == code
    assert refused(error)[1]
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error.value.response["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Statistics": None}, "InvalidParameterCombination"),
        ({"Period": 1, "EndTime": END + HOUR}, "InvalidParameterCombination"),
        ({"Period": 7}, "InvalidParameterValue"),
        ({"StartTime": END}, "InvalidParameterValue"),
        ({"ExtendedStatistics": ["p99"]}, "InvalidParameterValue"),
        ({"Dimensions": DIMENSIONS[:1] * 2}, "InvalidParameterValue"),
        ({"Statistics": ["Median"]}, "ValidationError"),
    ],
)
def test_statistics_that_are_refused(
    cloudwatch: CloudWatchClient, given: dict[str, Any], code: str
) -> None:
    asked = {
        "Namespace": "AWS/Rekognition",
        "MetricName": "InServiceInferenceUnits",
        "StartTime": BEGIN,
        "EndTime": END,
        "Period": 60,
        "Statistics": ["Sum"],
        **given,
    }
    with pytest.raises(ClientError) as error:
        cloudwatch.get_metric_statistics(
            **{name: value for name, value in asked.items() if value is not None}
        )
    assert refused(error)[0] == code
    if code in {"InvalidParameterCombination", "InvalidParameterValue"}:
        exceptions = cloudwatch.exceptions
        assert error.type in {
            exceptions.InvalidParameterCombinationException,
            exceptions.InvalidParameterValueException,
        }


def test_a_token_is_good_for_its_own_question_only(by_default: CloudWatchClient) -> None:
    first = by_default.get_metric_data(
        MetricDataQueries=[stat(period=60)], StartTime=BEGIN, EndTime=END, MaxDatapoints=5
    )
    with pytest.raises(ClientError) as error:
        data(by_default, stat(), NextToken=first["NextToken"], MaxDatapoints=5)
    assert refused(error)[0] == "InvalidNextToken"
    with pytest.raises(ClientError) as error:
        by_default.list_metrics(NextToken=first["NextToken"])
    assert refused(error)[0] == "InvalidParameterValue"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_only_whom_a_policy_allows(server: Metered, protocol: str) -> None:
    statement = {"Effect": "Allow", "Action": "cloudwatch:ListMetrics", "Resource": "*"}
    allowed = server.client(protocol, server.user(f"lister-{protocol}", {"Statement": statement}))
    assert allowed.list_metrics()["Metrics"]
    with pytest.raises(ClientError) as error:
        data(allowed, stat())
    code, words = refused(error)
    assert code == "AccessDenied"
    assert "cloudwatch:GetMetricData" in words


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_false_key_is_refused(server: Metered, protocol: str) -> None:
    client = server.client(protocol)
    signer = client._request_signer  # type: ignore[attr-defined]
    signer._credentials = Credentials(server.key.access_key_id, "false")
    with pytest.raises(ClientError) as error:
        client.list_metrics()
    assert refused(error)[0] == "SignatureDoesNotMatch"


def send(
    server: Metered, body: str, service: str = "monitoring", **headers: str
) -> tuple[int, str]:
    """A request by hand, signed for a service; unsigned without one."""
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", server.endpoint, data=body, headers={**form, **headers})
    if service:
        keys = Credentials(server.key.access_key_id, server.key.secret_access_key)
        SigV4Auth(keys, service, "us-east-1").add_auth(request)
    reply = URLLib3Session().send(request.prepare())
    return reply.status_code, reply.text


@pytest.mark.parametrize(
    ("body", "service", "status", "code"),
    [
        ("Action=ListMetrics&Version=2010-08-01", "", 403, "MissingAuthenticationToken"),
        ("Action=ListMetrics&Version=2010-08-01", "rekognition", 403, "SignatureDoesNotMatch"),
        ("Action=DeleteAlarms&Version=2010-08-01", "monitoring", 400, "InvalidAction"),
        ("Action=ListMetrics&Version=2011-01-01", "monitoring", 400, "InvalidAction"),
        ("", "monitoring", 400, "InvalidAction"),
        ("Action=GetMetricData", "monitoring", 400, "MissingParameter"),
        ("Action=ListMetrics&Dimensions.member.1.Value=v", "monitoring", 400, "MissingParameter"),
        ("Action=ListMetrics&Dimensions=x", "monitoring", 400, "MalformedInput"),
        ("Action", "monitoring", 400, "MalformedInput"),
    ],
)
def test_requests_made_by_hand(
    server: Metered, body: str, service: str, status: int, code: str
) -> None:
    answered, text = send(server, body, service)
    assert (answered, f"<Code>{code}</Code>" in text) == (status, True), text


def test_a_body_over_the_limit_is_refused_in_the_protocol_of_the_client(server: Metered) -> None:
    status, text = send(server, "a=" + "x" * (9 << 20))
    assert status == 413
    assert "<Code>RequestEntityTooLarge</Code>" in text


def test_json_of_another_type_is_refused(server: Metered) -> None:
    status, text = send(
        server,
        json.dumps({"Namespace": 5}),
        **{
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "GraniteServiceVersion20100801.ListMetrics",
        },
    )
    assert status == 400
    assert json.loads(text)["__type"] == "SerializationException"


def test_calls_are_measured_for_cloudwatch(server: Metered, by_default: CloudWatchClient) -> None:
    """Calls of Rekognition are; those of CloudWatch itself are not."""
    server.service.calls.take(1 << 50)
    send(
        server,
        "{}",
        "rekognition",
        **{
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "RekognitionService.DescribeProjects",
        },
    )
    by_default.list_metrics()
    measured = {metric for _, metric, _ in server.service.calls.take(1 << 50)}
    assert {dict(each.dimensions).get("Operation") for each in measured} == {
        "DescribeProjects",
        None,
    }
