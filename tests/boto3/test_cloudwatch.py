"""Metrics of a real server: recorded while it runs, kept when it stops, asked for by clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.boto3.conftest import install_version, picture, unused_name
from tests.boto3.test_running import wait_until_running
from tests.support import command
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

from lensmith.config import Settings
from lensmith.domain.metric import (
    HOUR_MS,
    MINUTE_MS,
    Datapoint,
    Metric,
    MetricName,
    MetricOwner,
    StatisticSet,
)
from lensmith.store.records import metric_points
from lensmith.store.records.engine import Records

OWNER = MetricOwner("000000000000", "us-east-1")


def test_a_server_that_stops_has_kept_what_ran(new_server: Callable[..., LiveServer]) -> None:
    server = new_server()
    server.start()
    records = Records.of(Settings(server.home / "data"))
    rekognition = server.rekognition()
    project_arn = rekognition.create_project(ProjectName="parts")["ProjectArn"]
    arn = install_version(server, records, project_arn)
    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    wait_until_running(rekognition, arn)
    for _ in range(3):
        rekognition.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": picture("PNG")})
    assert _scraped(server, "lensmith_in_service_inference_units") == 1
    dataset = rekognition.create_dataset(ProjectArn=project_arn, DatasetType="TRAIN")["DatasetArn"]
    rekognition.list_dataset_labels(DatasetArn=dataset)

    assert server.stop() == 0

    of_version = Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1")
    assert _kept(records, of_version) >= 1
    of_operation = {"Operation": "DetectCustomLabels"}
    assert _kept(records, Metric.of(MetricName.SUCCESSFUL_REQUESTS, of_operation)) == 3
    # The console's tutorial ticks its first call by this count.
    of_operation = {"Operation": "ListDatasetLabels"}
    assert _kept(records, Metric.of(MetricName.SUCCESSFUL_REQUESTS, of_operation)) == 1
    records.close()


@pytest.fixture(scope="module")
def project(live_records: Records) -> str:
    """The name of a project whose version ran for ten minutes two hours ago."""
    name = unused_name()
    metric = Metric.of_version(MetricName.IN_SERVICE_UNITS, name, "v1")
    begin_ms = (int(datetime.now(UTC).timestamp()) // 3600 - 2) * HOUR_MS
    with live_records.write() as connection:
        for minute in range(10):
            point = Datapoint(begin_ms + minute * MINUTE_MS, StatisticSet.of(2))
            metric_points.add_sample(connection, OWNER, metric, point, "one")
    return name


def test_boto3_as_lensmith_configures_it(lensmith_env: dict[str, str], project: str) -> None:
    given = lensmith_env
    cloudwatch = boto3.client(
        "cloudwatch",
        endpoint_url=given["AWS_ENDPOINT_URL_CLOUDWATCH"],
        region_name=given["AWS_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    now = datetime.now(UTC)
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Rekognition",
        MetricName="InServiceInferenceUnits",
        Dimensions=[
            {"Name": "VersionName", "Value": "v1"},
            {"Name": "ProjectName", "Value": project},
        ],
        StartTime=now - timedelta(hours=4),
        EndTime=now,
        Period=3600,
        Statistics=["Average", "SampleCount"],
    )
    (point,) = answer["Datapoints"]
    assert (point["Average"], point["SampleCount"]) == (2, 10)


def test_the_aws_cli_and_the_own_report(
    server: LiveServer, lensmith_env: dict[str, str], project: str
) -> None:
    filters = f"Name=ProjectName,Value={project}"
    listed = command.aws_answer(lensmith_env, "cloudwatch", "list-metrics", "--dimensions", filters)
    (metric,) = listed["Metrics"]
    assert metric["MetricName"] == "InServiceInferenceUnits"
    printed = json.loads(server.run("usage", "--project", project, "--since", "1d", "--json"))
    (usage,) = printed["versions"]
    assert (usage["hours"], usage["unit_hours"], usage["minutes"]) == (1, 2.0, 10)


def _kept(records: Records, metric: Metric) -> float:
    """The sum over everything recorded."""
    with records.read() as connection:
        points = metric_points.by_period(
            connection, OWNER, metric, start_ms=0, end_ms=1 << 50, period=60
        )
    return sum(point.statistics.total for point in points)


def _scraped(server: LiveServer, name: str) -> float:
    status, text = SignedCaller(server).send("GET", "/metrics", signed=False)
    assert status == 200
    (value,) = (
        sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name == name
    )
    return value
