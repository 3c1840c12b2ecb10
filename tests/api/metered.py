"""A server with metrics of two hours in its records, and clients of every protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import Session
from tests.api.served import served

from lensmith.api.app import create_app
from lensmith.api.cloudwatch.service import CloudWatch
from lensmith.api.lensmith.metrics import metrics_routes
from lensmith.api.lensmith.usage import usage_routes
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
from lensmith.metrics.exposition import Exposition
from lensmith.operations.call import Service
from lensmith.operations.table import OPERATIONS
from lensmith.serving.fleet import Fleet, Load
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts, metric_points
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate
from lensmith.wire.pagination import PaginationTokens

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

ACCOUNT = "111122223333"
OWNER = MetricOwner(ACCOUNT, "us-east-1")
EVERYTHING: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
END = datetime(2026, 1, 5, 12, tzinfo=UTC)
"""One unit ran from 9 to 10, two from 10 to half past."""

DIMENSIONS: Any = [
    {"Name": "ProjectName", "Value": "parts"},
    {"Name": "VersionName", "Value": "v1"},
]
IN_SERVICE: Any = {
    "Namespace": "AWS/Rekognition",
    "MetricName": "InServiceInferenceUnits",
    "Dimensions": DIMENSIONS,
}


class _OneProtocol(Loader):
    """The service models, as if each service spoke one protocol only."""

    def __init__(self, protocol: str) -> None:
        super().__init__(include_default_search_paths=True)
        self._protocol = protocol

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Mapping[str, Any]:
        model: Mapping[str, Any] = super().load_service_model(service_name, type_name, api_version)
        if type_name != "service-2":
            return model
        only = {"protocol": self._protocol, "protocols": [self._protocol]}
        return {**model, "metadata": {**model["metadata"], **only}}


@dataclass
class Metered:
    endpoint: str
    service: Service
    key: AccessKey  # of a user who may do everything
    loads: dict[str, Load]  # what the fleet would say, by version ARN

    def client(self, protocol: str = "", key: AccessKey | None = None) -> CloudWatchClient:
        """A boto3 client that never retries; without a protocol it speaks what it prefers."""
        session = Session()
        if protocol:
            session.register_component("data_loader", _OneProtocol(protocol))
        signing = key or self.key
        return boto3.Session(botocore_session=session).client(
            "cloudwatch",
            region_name=OWNER.region,
            endpoint_url=self.endpoint,
            aws_access_key_id=signing.access_key_id,
            aws_secret_access_key=signing.secret_access_key,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def user(self, name: str, *policies: dict[str, Any]) -> AccessKey:
        with self.service.records.write() as connection:
            arn = accounts.create_user(connection, ACCOUNT, name, list(policies))
            return accounts.create_access_key(connection, arn)


@contextmanager
def metered(directory: Path, **given: Any) -> Iterator[Metered]:
    """Serves until the block ends; `given` are further settings."""
    records = Records.open(f"sqlite:///{directory / 'records.db'}")
    migrate(records)
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        arn = accounts.create_user(connection, ACCOUNT, "ada", [EVERYTHING])
        key = accounts.create_access_key(connection, arn)
    _seed(records)
    service = Service(
        Settings(directory, region=OWNER.region, **given),
        records,
        cast(ObjectStores, None),
        cast(Fleet, None),
        PaginationTokens(b"s" * 32),
        lambda: None,
    )
    loads: dict[str, Load] = {}
    exposition = Exposition(records, loads.__getitem__, service.calls)
    routes = [*usage_routes(service), *metrics_routes(service.settings, exposition)]
    app = create_app(service, OPERATIONS, routes, further=[CloudWatch()])
    with served(app) as endpoint:
        yield Metered(endpoint, service, key, loads)
    records.close()


def _seed(records: Records) -> None:
    begin_ms = int(BEGIN.timestamp()) * 1000
    metric = Metric.of_version(MetricName.IN_SERVICE_UNITS, "parts", "v1")
    with records.write() as connection:
        for minute in range(90):
            units = StatisticSet.of(1 if minute < 60 else 2)
            point = Datapoint(begin_ms + minute * MINUTE_MS, units)
            metric_points.add_sample(connection, OWNER, metric, point, "one")
        for milliseconds in (20.0, 40.0, 90.0):
            for dimensions in ({"Operation": "DetectCustomLabels"}, {}):
                metric_points.accumulate(
                    connection,
                    OWNER,
                    Metric.of(MetricName.RESPONSE_TIME, dimensions),
                    Datapoint(begin_ms + HOUR_MS, StatisticSet.of(milliseconds)),
                )
