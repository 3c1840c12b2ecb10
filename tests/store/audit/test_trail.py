"""Events on their way from a call to files and records."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lensmith.domain.audit_errors import AuditUnavailableError
from lensmith.domain.audit_event import AuditEvent, DataEvents, is_read_only
from lensmith.domain.audit_members import HIDDEN, shown
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.store.audit.files import DATA, MANAGEMENT, file_name, files_of, remove_old
from lensmith.store.audit.history import AuditHistory
from lensmith.store.audit.trail import AuditTrail
from lensmith.store.records import audit_events
from lensmith.store.records.audit_events import EventFilter
from lensmith.store.records.engine import Records

ACCOUNT = "111122223333"
ANA = Identity(PrincipalType.USER, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ana", user_id="AIDA1")
EVENT = AuditEvent(
    source="iam.amazonaws.com",
    name="CreateUser",
    identity=ANA,
    access_key_id="AKIA1",
    account_id=ACCOUNT,
    region="us-east-1",
    source_ip="127.0.0.1",
    user_agent="x",
    request_id="r",
    parameters={},
)


@pytest.fixture
def history(tmp_path: Path, empty_records: Path) -> AuditHistory:
    shutil.copy(empty_records, tmp_path)
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    return AuditHistory(records, tmp_path / "audit", 1 << 30)


def numbered(number: int, **more: object) -> AuditEvent:
    return replace(EVENT, id=f"{number}", parameters={"number": number}, **more)  # type: ignore[arg-type]


def found(history: AuditHistory) -> list[str]:
    history.catch_up()
    with history._records.read() as connection:
        wanted = EventFilter(ACCOUNT, "us-east-1")
        return [
            one.event_id for one in audit_events.find(connection, wanted, before_id=None, count=50)
        ]


def test_every_event_is_in_the_records_once(tmp_path: Path, history: AuditHistory) -> None:
    trails = [AuditTrail(tmp_path / "audit") for _ in range(2)]  # as of two processes
    for number in range(6):
        trails[number % 2].record(numbered(number))
    assert found(history) == ["5", "4", "3", "2", "1", "0"]
    (file,) = files_of(tmp_path / "audit", MANAGEMENT)
    with file.open("ab") as torn:
        torn.write(b'{"eventVersion": "1')  # a full disk cut it off; the next begins a line
    trails[0].record(numbered(6))
    with file.open("ab") as torn:
        torn.write(b"\n")
    trails[0].record(numbered(7))
    assert found(history) == ["7", "5", "4", "3", "2", "1", "0"]
    other = AuditHistory(history._records, tmp_path / "audit", 1 << 30)
    assert len(found(other)) == 7


def test_data_events_wait_and_are_not_in_the_records(tmp_path: Path, history: AuditHistory) -> None:
    trail = AuditTrail(tmp_path / "audit", ["detections"])
    assert trail.keeps(DataEvents.DETECTIONS)
    assert not trail.keeps(DataEvents.OBJECTS)
    trail.start()
    trail.record(numbered(1, data=DataEvents.DETECTIONS))
    trail.stop()
    (file,) = files_of(tmp_path / "audit", DATA)
    (line,) = file.read_text().splitlines()
    assert json.loads(line)["managementEvent"] is False
    assert found(history) == []


def test_a_change_needs_room_for_its_event(tmp_path: Path, history: AuditHistory) -> None:
    directory = tmp_path / "audit"
    directory.mkdir()
    full = directory / file_name(MANAGEMENT, datetime.now(UTC))
    full.symlink_to("/dev/full")
    trail = AuditTrail(directory)
    trail.require_room()
    trail.record(numbered(1))
    with pytest.raises(AuditUnavailableError, match="No space left"):
        trail.require_room()
    full.unlink()
    trail.require_room()
    trail.record(numbered(2))
    assert found(history) == ["2", "1"]


def test_old_and_too_many_files_go(tmp_path: Path, history: AuditHistory) -> None:
    now = datetime.now(UTC)
    trail = AuditTrail(tmp_path)
    trail.record(EVENT)
    for days in (89, 91):
        (tmp_path / file_name(MANAGEMENT, now - timedelta(days=days))).touch()
    for hours in range(5):
        (tmp_path / file_name(DATA, now - timedelta(hours=hours))).write_bytes(b"x" * 100)
    remove_old(tmp_path, now, data_bytes=250)
    assert len(files_of(tmp_path, MANAGEMENT)) == 2
    assert len(files_of(tmp_path, DATA)) == 2
    remove_old(tmp_path, now, data_bytes=0)
    assert len(files_of(tmp_path, DATA)) == 1


def test_events_of_91_days_leave_the_records(tmp_path: Path, history: AuditHistory) -> None:
    trail = AuditTrail(tmp_path / "audit")
    for number, days in enumerate((91, 89, 0)):
        trail.record(numbered(number, time=datetime.now(UTC) - timedelta(days=days)))
    assert len(found(history)) == 3
    history.remove_old()
    assert found(history) == ["2", "1"]


def test_members_without_bytes_and_secrets() -> None:
    members = {
        "Image": {"Bytes": b"x" * 10, "S3Object": {"Bucket": "b"}},
        "Tags": {"Team": "x", "Secret": "no secret of ours"},
        "WebIdentityToken": "ey…",
        "NextToken": "page",
        "Credentials": {"SecretAccessKey": "s", "SessionToken": "t", "AccessKeyId": "AKIA"},
        "Changes": {"GroundTruth": b"lines"},
        "PolicyDocument": "p" * 9000,
        "Names": ["a", b"b"],
    }
    assert shown(members) == {
        "image": {"s3Object": {"bucket": "b"}},
        "tags": {"Team": "x", "Secret": "no secret of ours"},
        "webIdentityToken": HIDDEN,
        "nextToken": "page",
        "credentials": {"secretAccessKey": HIDDEN, "sessionToken": HIDDEN, "accessKeyId": "AKIA"},
        "changes": {},
        "policyDocument": f"{'p' * 8192}…",
        "names": ["a"],
    }


@pytest.mark.parametrize(
    "name", ["DescribeProjects", "DetectCustomLabels", "AssumeRole", "Decrypt"]
)
def test_reading_operations(name: str) -> None:
    assert is_read_only(name)
    assert not is_read_only(name.replace("Describe", "Delete") if "Describe" in name else "PutX")
