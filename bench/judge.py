"""1,000 users with three policies each: a decision, a key's lookup, detections a second.

Detections are compared with those of a server that has one administrator, in turns; both run a
model that costs next to nothing, so that what is asked of the judge shows. Starts two servers.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from PIL import Image
from rich.console import Console
from rich.table import Table
from tests.boto3.recorded import record_version
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from bench.s3 import load
from lensmith.config import Settings
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.request_context import request_context
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import accounts, managed_policies
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.engine import Records

USERS = 1000
_ACCOUNT = "000000000000"
_CONNECTIONS = 8
_GIL_SECONDS = (0.005, 0.001)  # Python's own interval, the server's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of one turn")
    parser.add_argument("--turns", type=int, default=7)
    given = parser.parse_args()
    with ExitStack() as running:
        home = Path(running.enter_context(tempfile.TemporaryDirectory()))
        alone = running.enter_context(_serving(home / "alone"))
        many = running.enter_context(_serving(home / "many"))
        records = Records.of(Settings(many.home / "data"))
        running.callback(records.close)
        keys = _add_users(records)
        table = Table("measured", "p50", "p95", box=None)
        _add_times(table, "decision on DetectCustomLabels", _decisions(keys))
        for interval in _GIL_SECONDS:
            name = f"key read again beside a busy thread, switched every {interval * 1e3:.0f} ms"
            _add_times(table, name, _lookups(records, keys, interval))
        Console().print(table)
        _compare(alone, many, keys, given.turns, given.seconds)


def _add_users(records: Records) -> list[AccessKey]:
    """Give each user an inline policy, one of 50 managed ones and AWS's for reading."""
    managed = []
    with records.write() as connection:
        for number in range(50):
            document = _policy([f"arn:aws:s3:::bucket-{number}/*"])
            made = managed_policies.create(
                connection, _ACCOUNT, f"team-{number}", document, path="/", description="", tags={}
            )
            managed.append(made.arn)
        keys = []
        for number in range(USERS):
            own = _policy(["*"], {"aws:username": [f"user-{number}"]})
            arn = accounts.create_user(connection, _ACCOUNT, f"user-{number}", [own])
            for policy in (
                managed[number % 50],
                "arn:aws:iam::aws:policy/AmazonRekognitionReadOnlyAccess",
            ):
                managed_policies.attach(connection, arn, policy)
            keys.append(accounts.create_access_key(connection, arn))
        found = [accounts.find_access_key(connection, key.access_key_id) for key in keys]
    return [key for key in found if key is not None]


def _policy(resources: list[str], names: Any = None) -> dict[str, Any]:
    condition = {"Condition": {"StringEquals": names}} if names else {}
    actions = ["rekognition:*", "s3:GetObject"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources, **condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _decisions(keys: Sequence[AccessKey]) -> list[float]:
    """Return seconds of decisions, the context of the request included."""
    arn = f"arn:aws:rekognition:us-east-1:{_ACCOUNT}:project/p/version/v/1"
    seconds = []
    for key in keys:
        began = time.perf_counter()
        context = request_context(
            key.rights.identity, region="us-east-1", now=datetime.now(UTC), is_secure=True
        )
        decision = decide(key.rights, AccessRequest("rekognition:DetectCustomLabels", arn, context))
        seconds.append(time.perf_counter() - began)
        assert decision.allowed
    return seconds


def _lookups(records: Records, keys: Sequence[AccessKey], interval: float) -> list[float]:
    """Return seconds of reading keys from the records, as after a commit, beside a busy thread."""
    stopped = threading.Event()
    before = sys.getswitchinterval()
    sys.setswitchinterval(interval)
    busy = threading.Thread(target=_spin, args=(stopped,), daemon=True)
    busy.start()
    seconds = []
    for key in keys[:300]:
        began = time.perf_counter()
        with records.read() as connection:
            accounts.find_access_key(connection, key.access_key_id)
        seconds.append(time.perf_counter() - began)
    stopped.set()
    busy.join()
    sys.setswitchinterval(before)
    return seconds


def _spin(stopped: threading.Event) -> None:
    while not stopped.is_set():
        sum(range(1000))


def _compare(
    alone: LiveServer, many: LiveServer, keys: Sequence[AccessKey], turns: int, seconds: float
) -> None:
    admin = _credentials(alone)
    one = _requests(alone, [admin])
    some = _requests(many, [Credentials(key.access_key_id, key.secret_access_key) for key in keys])
    figures = []
    for turn in range(turns):
        pair = [(alone, one), (many, some)]
        rates = {
            server.port: uvloop.run(load(server.port, requests, _CONNECTIONS, seconds))
            for server, requests in (pair if turn % 2 else reversed(pair))
        }
        figures.append((rates[alone.port], rates[many.port]))
    first, second = (median(turn[side] for turn in figures) for side in (0, 1))
    share = median(after / before for before, after in figures)
    table = Table("DetectCustomLabels", "one admin", f"{USERS} users in turn", "share", box=None)
    table.add_row("a model that costs nothing", f"{first:.0f}/s", f"{second:.0f}/s", f"{share:.3f}")
    Console().print(table)


def _requests(server: LiveServer, keys: Sequence[Credentials]) -> list[bytes]:
    """Return signed requests, good for five minutes."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (204, 153, 0)).save(file, "JPEG")
    image = {"Bytes": base64.b64encode(file.getvalue()).decode()}
    (project,) = server.rekognition().describe_projects()["ProjectDescriptions"]
    (version,) = server.rekognition().describe_project_versions(ProjectArn=project["ProjectArn"])[
        "ProjectVersionDescriptions"
    ]
    body = json.dumps({"ProjectVersionArn": version["ProjectVersionArn"], "Image": image}).encode()
    made = []
    for key in keys:
        request = AWSRequest(
            "POST",
            f"http://127.0.0.1:{server.port}/",
            {
                "Host": f"127.0.0.1:{server.port}",
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "RekognitionService.DetectCustomLabels",
                "Content-Length": str(len(body)),
            },
            body,
        )
        SigV4Auth(key, "rekognition", "us-east-1").add_auth(request)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        made.append(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body)
    return made


def _credentials(server: LiveServer) -> Credentials:
    given = server.environment()
    return Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])


@contextmanager
def _serving(home: Path) -> Iterator[LiveServer]:
    """A server that runs a model of average colours."""
    server = LiveServer(home, given={"LENSMITH_KEY_RATE": "0", "LENSMITH_ACCOUNT_RATE": "0"})
    server.start()
    try:
        client = server.rekognition()
        project = client.create_project(ProjectName="colours")["ProjectArn"]
        records = Records.of(Settings(home / "data"))
        version = record_version(records, project, VersionStatus.TRAINING_COMPLETED)
        average_colour(home / "data" / "models" / str(version.id))
        records.close()
        client.start_project_version(ProjectVersionArn=version.arn, MinInferenceUnits=1)
        until(_is_running(client, project), message="the model did not start")
        yield server
    finally:
        server.stop()


def _is_running(client: Any, project: str) -> Callable[[], bool]:
    def is_running() -> bool:
        (found,) = client.describe_project_versions(ProjectArn=project)[
            "ProjectVersionDescriptions"
        ]
        return bool(found["Status"] == "RUNNING")

    return is_running


def _add_times(table: Table, name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p95 = (ordered[int(len(ordered) * share)] * 1e3 for share in (0.5, 0.95))
    table.add_row(name, f"{p50:.3f} ms", f"{p95:.3f} ms")


if __name__ == "__main__":
    main()
