"""A real HTTP server over real records, with a small table of operations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.config import Config
from tests.api.served import served

from lensmith.api.app import create_app
from lensmith.api.call_pool import Threads
from lensmith.api.fast_path.http_protocol import HttpProtocol
from lensmith.config import Settings
from lensmith.domain.errors import InvalidS3ObjectException, ResourceNotFoundException
from lensmith.operations.call import Call, Handle, Offload, Operation, Service, blocking
from lensmith.operations.table import OPERATIONS
from lensmith.serving.fleet import Fleet
from lensmith.store.boto_session import boto_session
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate
from lensmith.wire.pagination import PaginationTokens

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

ACCOUNT = "111122223333"
REGION = "us-east-1"
THREADS = Threads(2, 2, max_waiting=1)
ORIGIN = "https://demo.example"  # of a page elsewhere that may call
EVERYTHING: dict[str, Any] = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


@dataclass
class Api:
    """The server, and clients of it."""

    endpoint: str
    service: Service
    key: AccessKey  # of a user who may do everything
    gate: threading.Event  # open: detections answer
    detecting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def client(self, key: AccessKey | None = None, **overrides: Any) -> RekognitionClient:
        """A boto3 client that signs with a key and never retries."""
        key = key or self.key
        config = Config(retries={"total_max_attempts": 1}).merge(overrides.pop("config", Config()))
        given: dict[str, Any] = {
            "region_name": REGION,
            "endpoint_url": self.endpoint,
            "aws_access_key_id": key.access_key_id,
            "aws_secret_access_key": key.secret_access_key,
            "aws_session_token": key.session_token,
            **overrides,
        }
        return boto_session().client("rekognition", config=config, **given)

    @property
    def records(self) -> Records:
        return self.service.records

    @contextmanager
    def served(self, http: Any = HttpProtocol, **given: Any) -> Iterator[Api]:
        """Another server over the same records; `given` are arguments of `create_app`."""
        app = create_app(self.service, _operations(self), **{"threads": THREADS, **given})
        with served(app, http) as endpoint:
            yield replace(self, endpoint=endpoint)

    def user(self, name: str, *policies: dict[str, Any], **key: Any) -> AccessKey:
        """A new user's key; `session_token` and `expires_ms` make it a temporary one."""
        with self.records.write() as connection:
            arn = accounts.create_user(connection, ACCOUNT, name, list(policies))
            return accounts.create_access_key(connection, arn, **key)


def _detect(api: Api) -> Handle:
    """Holds a thread while the gate is closed, as fetching an image does."""

    async def handle(_: Service, call: Call, offload: Offload) -> dict[str, Any]:
        size = len(call.request["Image"].get("Bytes", b""))

        def detect() -> dict[str, Any]:
            api.detecting.release()
            assert api.gate.wait(60)
            return {"CustomLabels": [{"Name": str(size), "Confidence": 83.413}]}

        return await offload(detect)

    return handle


def _fail(_: Service, __: Call) -> dict[str, Any]:
    raise RuntimeError("a detail that no client may see")


def _raise_unmodelled(_: Service, __: Call) -> dict[str, Any]:
    raise InvalidS3ObjectException


def _raise_modelled(_: Service, call: Call) -> dict[str, Any]:
    raise ResourceNotFoundException(call.request["ProjectVersionArn"])


def _answer_nonsense(_: Service, __: Call) -> dict[str, Any]:
    return {"NoSuchMember": 1}


def _operations(api: Api) -> dict[str, Operation]:
    """Some operations as they are; some that answer as no real one should."""
    odd = {
        "DescribeDataset": _fail,
        "StartProjectVersion": _raise_unmodelled,
        "StopProjectVersion": _raise_modelled,
        "DeleteDataset": _answer_nonsense,
    }
    real = ("CreateProject", "DescribeProjects", "DeleteProject", "TagResource")
    detection = "DetectCustomLabels"
    detecting = replace(OPERATIONS[detection], handle=_detect(api))
    return (
        {name: OPERATIONS[name] for name in real}
        | {detection: detecting}
        | {name: replace(OPERATIONS[name], handle=blocking(handle)) for name, handle in odd.items()}
    )


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    directory: Path = tmp_path_factory.mktemp("api")
    records = Records.open(f"sqlite:///{directory / 'records.db'}")
    migrate(records)
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        arn = accounts.create_user(connection, ACCOUNT, "ada", [EVERYTHING])
        key = accounts.create_access_key(connection, arn)
    service = Service(
        Settings(directory, region=REGION, allowed_origins=(ORIGIN,)),
        records,
        cast(ObjectStores, None),
        cast(Fleet, None),
        PaginationTokens(b"s" * 32),
        lambda: None,
    )
    api = Api("", service, key, threading.Event())
    api.gate.set()
    with api.served() as running:
        yield running
    records.close()
