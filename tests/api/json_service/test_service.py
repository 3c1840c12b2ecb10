"""Service Quotas and CloudTrail through boto3, over real records and without a store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.api.conftest import EVERYTHING, Api
from tests.api.served import served

from lensmith.api.app import create_app
from lensmith.api.identity.service import Identity
from lensmith.api.json_service.service import json_services
from lensmith.config import Quotas
from lensmith.operations.table import OPERATIONS
from lensmith.store.audit.history import AuditHistory
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.boto_session import boto_session
from lensmith.store.records.accounts import AccessKey


@pytest.fixture(name="audited")
def audited_fixture(api: Api) -> Iterator[Api]:
    """The API with every service and an audit trail; at most three trainings."""
    settings = replace(api.service.settings, quotas=Quotas(concurrent_trainings=3))
    trail = AuditTrail.of(settings)
    trail.start()
    history = AuditHistory(api.records, trail.directory, settings.audit_data_bytes)
    service = replace(api.service, settings=settings, audit=trail, history=history)
    app = create_app(service, OPERATIONS, further=[Identity(), *json_services()])
    with served(app) as endpoint:
        yield replace(api, endpoint=endpoint, service=service)
    trail.stop()


def client(api: Api, name: str, key: AccessKey | None = None) -> Any:
    key = key or api.key
    given: dict[str, Any] = {"service_name": name, "region_name": "us-east-1"}
    return boto_session().client(
        **given,
        endpoint_url=api.endpoint,
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refused(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**members)
    code: str = error.value.response["Error"]["Code"]
    return code


def test_quotas_are_those_of_the_settings(audited: Api) -> None:
    quotas = client(audited, "service-quotas")
    assert [one["ServiceCode"] for one in quotas.list_services()["Services"]] == ["rekognition"]
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="rekognition", PaginationConfig={"PageSize": 3}
    )
    found = {one["QuotaCode"]: one for page in pages for one in page["Quotas"]}
    assert len(found) == 10
    (trainings,) = [one for one in found.values() if "training" in one["QuotaName"]]
    assert (trainings["Value"], trainings["Adjustable"]) == (3.0, False)
    asked = {"ServiceCode": "rekognition", "QuotaCode": trainings["QuotaCode"]}
    assert quotas.get_service_quota(**asked)["Quota"] == trainings
    assert quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 2.0
    assert len(quotas.list_aws_default_service_quotas(ServiceCode="rekognition")["Quotas"]) == 10
    only = quotas.list_service_quotas(**asked)["Quotas"]
    assert only == [trainings]


def test_what_is_not_there_is_refused(audited: Api) -> None:
    quotas = client(audited, "service-quotas")
    assert refused(quotas.list_service_quotas, ServiceCode="ec2") == "NoSuchResourceException"
    unknown = {"ServiceCode": "rekognition", "QuotaCode": "L-NONE"}
    assert refused(quotas.get_service_quota, **unknown) == "NoSuchResourceException"
    wrong = {"ServiceCode": "rekognition", "NextToken": "abc="}
    assert refused(quotas.list_service_quotas, **wrong) == "InvalidPaginationTokenException"
    change = {"ServiceCode": "rekognition", "QuotaCode": "L-CL000001", "DesiredValue": 5.0}
    assert refused(quotas.request_service_quota_increase, **change) == "UnknownOperationException"
    nobody = audited.user("without-policies")
    denied = client(audited, "service-quotas", nobody).list_services
    assert refused(denied) == "AccessDeniedException"


def test_calls_of_api_iam_and_others_are_events(audited: Api) -> None:
    rekognition, trail = client(audited, "rekognition"), client(audited, "cloudtrail")
    arn = rekognition.create_project(ProjectName="orchard")["ProjectArn"]
    assert refused(rekognition.create_project, ProjectName="orchard") == "ResourceInUseException"
    client(audited, "iam").create_user(UserName="eve")
    made = client(audited, "iam").create_access_key(UserName="eve")["AccessKey"]
    reader = audited.user("reader", EVERYTHING)
    client(audited, "service-quotas", reader).list_services()
    events = trail.lookup_events(MaxResults=5)["Events"]  # the newest of the session's account
    assert [event["EventName"] for event in events] == [
        "ListServices",
        "CreateAccessKey",
        "CreateUser",
        "CreateProject",
        "CreateProject",
    ]
    assert events[0]["Username"] == "reader"
    whole = [json.loads(event["CloudTrailEvent"]) for event in events]
    assert whole[4]["responseElements"] == {"projectArn": arn}
    assert whole[3]["errorCode"] == "ResourceInUseException"
    assert made["SecretAccessKey"] not in events[1]["CloudTrailEvent"]
    by_resource = [{"AttributeKey": "ResourceName", "AttributeValue": arn}]
    assert len(trail.lookup_events(LookupAttributes=by_resource)["Events"]) == 1
    assert refused(trail.lookup_events, MaxResults=51) == "InvalidMaxResultsException"
