"""The audit trail through boto3: an event a call, and what LookupEvents finds of them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from tests.boto3.conftest import picture, unused_name
from tests.boto3.identities import Account, account, allow, code_of, trust
from tests.boto3.test_running import statuses_until, wait_until_running
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

__all__ = ["account"]
Event = dict[str, Any]


def events(account: Account, **wanted: Any) -> list[Event]:
    """All that LookupEvents pages through, the newest first."""
    pages = account.client("cloudtrail").get_paginator("lookup_events").paginate(**wanted)
    return [event for page in pages for event in page["Events"]]


def by(key: str, value: str) -> Any:
    return [{"AttributeKey": key, "AttributeValue": value}]


def form(event: Event) -> Event:
    parsed: Event = json.loads(event["CloudTrailEvent"])
    return parsed


@pytest.fixture(name="trail")
def trail_fixture(server: LiveServer) -> Any:
    """A client of the shared server's administrator."""
    given = server.environment()
    return boto3.client(
        "cloudtrail",
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def test_a_call_of_every_service_is_an_event(server: LiveServer, account: Account) -> None:
    rekognition, name = account.client("rekognition"), unused_name()
    arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
    assert code_of(lambda: rekognition.create_project(ProjectName=name)) == "ResourceInUseException"
    account.iam.create_user(UserName="ada")
    account.sts.get_caller_identity()
    account.client("cloudwatch").list_metrics()
    account.client("service-quotas").list_services()
    account.client("kms").list_keys()
    account.client("cloudformation").list_stacks()
    account.client("cloudtrail").lookup_events()
    s3 = account.session.client("s3", endpoint_url=f"http://127.0.0.1:{server.s3_port}")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"x")  # a data event, which is kept by setting

    found = events(account)
    told = {(one["EventSource"].split(".")[0], one["EventName"]): one for one in found}
    assert set(told) == {
        ("rekognition", "CreateProject"),
        ("iam", "CreateUser"),
        ("sts", "GetCallerIdentity"),
        ("monitoring", "ListMetrics"),
        ("servicequotas", "ListServices"),
        ("kms", "ListKeys"),
        ("cloudformation", "ListStacks"),
        ("cloudtrail", "LookupEvents"),
        ("s3", "CreateBucket"),
    }
    assert len([one for one in found if one["EventName"] == "CreateProject"]) == 2
    made = form(told["rekognition", "CreateProject"])
    assert made["requestParameters"] == {"projectName": name}
    assert made["responseElements"] == {"projectArn": arn}
    assert made["userIdentity"]["type"] == "IAMUser"
    assert made["userIdentity"]["userName"] == "root-admin"
    assert made["userIdentity"]["arn"].startswith(f"arn:aws:iam::{account.account_id}:user/")
    assert made["recipientAccountId"] == account.account_id
    assert (made["readOnly"], made["eventType"]) == (False, "AwsApiCall")
    assert (made["awsRegion"], made["sourceIPAddress"]) == ("us-east-1", "127.0.0.1")
    assert "Boto3" in made["userAgent"]
    assert {"ResourceType": "AWS::Rekognition::Project", "ResourceName": arn} in told[
        "rekognition", "CreateProject"
    ]["Resources"]
    assert form(told["sts", "GetCallerIdentity"])["responseElements"] is None
    refused = form(next(one for one in found if one["EventName"] == "CreateProject"))
    assert refused["errorCode"] == "ResourceInUseException"
    assert name in refused["errorMessage"]
    bucket = form(told["s3", "CreateBucket"])
    assert bucket["requestParameters"] == {"bucketName": name}
    assert bucket["userIdentity"]["userName"] == "root-admin"


def test_calls_of_the_console_are_events(server: LiveServer, trail: Any) -> None:
    SignedCaller(server).send("DELETE", "/_lensmith/session")
    found = trail.lookup_events(LookupAttributes=by("EventName", "SignOut"))["Events"]
    assert form(found[0])["eventSource"] == "lensmith.amazonaws.com"
    assert form(found[0])["requestParameters"]["path"] == "/_lensmith/session"


def test_events_are_found_by_attribute_and_time_in_pages(account: Account) -> None:
    trail = account.client("cloudtrail")
    for number in range(5):
        account.iam.create_user(UserName=f"user-{number}")
    for session in (account.user("eve", allow("iam:ListUsers")),):
        account.client("iam", session).list_users()
    created = events(account, LookupAttributes=by("EventName", "CreateUser"))
    assert [form(one)["requestParameters"]["userName"] for one in created] == [
        "eve",
        *(f"user-{number}" for number in reversed(range(5))),
    ]
    paged = events(
        account,
        LookupAttributes=by("EventName", "CreateUser"),
        PaginationConfig={"PageSize": 2},
    )
    assert [one["EventId"] for one in paged] == [one["EventId"] for one in created]
    one = created[2]
    filters: tuple[tuple[str, str, int | None], ...] = (
        ("EventId", one["EventId"], 1),
        ("EventSource", "iam.amazonaws.com", 9),
        ("Username", "eve", 1),
        ("AccessKeyId", form(one)["userIdentity"]["accessKeyId"], None),
        ("ResourceName", "user-3", 1),
        ("ResourceType", "AWS::IAM::User", None),
        ("EventName", "DeleteUser", 0),
        ("ReadOnly", "true", None),
    )
    for key, value, count in filters:
        found = events(account, LookupAttributes=by(key, value))
        assert found or count == 0, key
        assert count is None or len(found) == count, key
    assert all(each["ReadOnly"] == "true" for each in found)
    hour = timedelta(hours=1)
    assert events(account, StartTime=datetime.now(UTC) + hour) == []
    assert events(account, EndTime=datetime.now(UTC) - hour) == []
    times = {"StartTime": datetime.now(UTC) - hour, "EndTime": datetime.now(UTC) + hour}
    assert len(events(account, LookupAttributes=by("EventName", "CreateUser"), **times)) == 6
    for wrong, code in (
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"NextToken": "x"}, "InvalidNextTokenException"),
        (
            {"StartTime": times["EndTime"], "EndTime": times["StartTime"]},
            "InvalidTimeRangeException",
        ),
        (
            {"LookupAttributes": 2 * by("EventName", "CreateUser")},
            "InvalidLookupAttributesException",
        ),
    ):
        assert code_of(lambda wrong=wrong: trail.lookup_events(**wrong)) == code  # type: ignore[misc]
    assert trail.lookup_events(EventCategory="insight")["Events"] == []
    denied = account.client("cloudtrail", account.user("bob"))
    assert code_of(denied.lookup_events) == "AccessDeniedException"


def test_no_event_holds_a_secret(account: Account) -> None:
    session = account.user("ada")
    trusting = trust({"AWS": account.account_id})
    role = account.iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
    taken = account.sts.assume_role(RoleArn=role, RoleSessionName="night")["Credentials"]
    assumed = account.of_credentials(taken)
    account.client("sts", assumed).get_caller_identity()
    found = events(account)
    text = " ".join(one["CloudTrailEvent"] for one in found)
    for one in (session, account.session, assumed):
        key = one.get_credentials()
        assert key is not None
        assert key.secret_key not in text
        assert key.access_key in text
    assert taken["SessionToken"] not in text
    assert "HIDDEN_DUE_TO_SECURITY_REASONS" in text
    (asked,) = events(account, LookupAttributes=by("Username", "night"))
    identity = form(asked)["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["sessionContext"]["sessionIssuer"]["arn"] == role


class Bracket:
    """The seconds, as events have them, before and after a call."""

    begun = ended = 0

    def __enter__(self) -> None:
        self.begun = int(time.time())

    def __exit__(self, *_: object) -> None:
        self.ended = int(time.time())


def hours_of(cloudtrail: Any, arn: str) -> float:
    """Hours that a version ran, from the events of its starts and stops, as the guide reports."""
    begun: datetime | None = None
    hours = 0.0
    found = []
    for name in ("StartProjectVersion", "StopProjectVersion"):
        pages = cloudtrail.get_paginator("lookup_events").paginate(
            LookupAttributes=by("EventName", name)
        )
        for page in pages:
            for event in page["Events"]:
                whole = json.loads(event["CloudTrailEvent"])
                if "errorCode" in whole:
                    continue
                if whole["requestParameters"]["projectVersionArn"] == arn:
                    units = whole["requestParameters"].get("minInferenceUnits")
                    found.append((event["EventTime"], name, units))
    for at, name, _ in sorted(found):
        if name == "StartProjectVersion":
            begun = begun or at
        elif begun is not None:
            hours += (at - begun).total_seconds() / 3600
            begun = None
    assert begun is None
    return hours


def test_hours_are_reported_from_starts_and_stops(
    server: LiveServer, rekognition: RekognitionClient, trail: Any, trained_version_arn: str
) -> None:
    arn = trained_version_arn
    starts, stops = Bracket(), Bracket()
    with starts:
        rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    wait_until_running(rekognition, arn)
    rekognition.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": picture("PNG")})
    with stops:
        rekognition.stop_project_version(ProjectVersionArn=arn)
    statuses_until(rekognition, arn, "STOPPED")
    least, most = stops.begun - starts.ended, stops.ended - starts.begun
    assert least <= round(hours_of(trail, arn) * 3600) <= most

    def detections() -> list[Event]:
        files = (server.home / "data" / "audit").glob("data-*.jsonl")
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return [one for one in lines if one["requestParameters"]["projectVersionArn"] == arn]

    (detection,) = until(detections, bool, "no data event")
    assert detection["eventName"] == "DetectCustomLabels"
    assert detection["eventCategory"] == "Data"
    assert detection["readOnly"] is True
    assert detection["requestParameters"]["image"] == {}
