"""S3 as the rest of Lensmith uses it: whose rights, which errors, whole objects."""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete
from tests.support.eventually import until
from tests.support.live_server import LiveServer, free_port

from lensmith.config import Settings
from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectStoreError
from lensmith.store.objects import (
    ObjectStores,
    put_object,
    read_object,
    s3_errors,
)
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records
from lensmith.store.records.identity_tables import access_keys

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def settings(server: LiveServer) -> Settings:
    return Settings(server.home / "data", port=server.port, s3_port=server.s3_port)


@pytest.fixture(scope="module")
def records(settings: Settings) -> Iterator[Records]:
    opened = Records.of(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def stores(settings: Settings, records: Records) -> ObjectStores:
    return ObjectStores(settings, records)


@pytest.fixture(scope="module")
def admin(records: Records) -> accounts.AccessKey:
    with records.read() as connection:
        key = accounts.permanent_key(connection, "arn:aws:iam::000000000000:user/admin")
    assert key is not None
    return key


@pytest.fixture
def client(stores: ObjectStores, admin: accounts.AccessKey) -> S3Client:
    return stores.for_key(admin.access_key_id)


def test_writes_and_reads_whole_objects(client: S3Client, bucket: str, tmp_path: Path) -> None:
    put_object(client, bucket, "small", b"data", "application/json")
    assert client.head_object(Bucket=bucket, Key="small")["ContentType"] == "application/json"
    assert read_object(client, bucket, "small") == b"data"
    large = tmp_path / "large"
    large.write_bytes(os.urandom(9 << 20))
    put_object(client, bucket, "large", large)
    assert read_object(client, bucket, "large") == large.read_bytes()
    assert read_object(client, bucket, "large", max_bytes=3) == large.read_bytes()[:3]


def test_reads_the_version_asked_for(client: S3Client, bucket: str) -> None:
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket=bucket, Key="k", Body=b"first")["VersionId"]
    put_object(client, bucket, "k", b"second")
    assert read_object(client, bucket, "k") == b"second"
    assert read_object(client, bucket, "k", first) == b"first"
    with pytest.raises(ObjectMissing):
        read_object(client, bucket, "k", "0" * 32)


def test_names_what_is_missing(client: S3Client, bucket: str) -> None:
    for missing in ((bucket, "nothing"), ("no-such-bucket", "k"), ("Not A Bucket", "k")):
        with pytest.raises(ObjectMissing, match=missing[1]):
            read_object(client, *missing)
    with pytest.raises(ObjectMissing):
        put_object(client, "no-such-bucket", "k", b"data")


def test_names_what_is_forbidden(stores: ObjectStores, records: Records, bucket: str) -> None:
    stores.internal().put_object(Bucket=bucket, Key="k", Body=b"data")
    with records.write() as connection:
        arn = accounts.create_user(connection, "000000000000", "unknown-to-the-store", [])
        key = accounts.create_access_key(connection, arn)
    unknown = stores.for_key(key.access_key_id)
    with pytest.raises(ObjectForbidden):
        read_object(unknown, bucket, "k")
    with pytest.raises(ObjectForbidden):
        put_object(unknown, bucket, "k", b"data")
    with pytest.raises(ObjectForbidden, match="AKIANOBODY"):
        stores.for_key("AKIANOBODY")


def test_rights_are_those_of_the_moment(
    stores: ObjectStores, records: Records, admin: accounts.AccessKey, bucket: str
) -> None:
    with records.write() as connection:
        session = accounts.create_access_key(
            connection, admin.caller.arn, session_token="token", expires_ms=1 << 60
        )
    client = stores.for_key(session.access_key_id)
    put_object(client, bucket, "k", b"data")
    assert read_object(client, bucket, "k") == b"data"
    with records.write() as connection:
        connection.execute(
            delete(access_keys).where(access_keys.c.access_key_id == session.access_key_id)
        )
    with pytest.raises(ObjectForbidden):
        read_object(client, bucket, "k")


def test_the_buckets_policy_counts(
    stores: ObjectStores, s3: S3Client, admin: accounts.AccessKey, bucket: str
) -> None:
    client = stores.for_key(admin.access_key_id)
    put_object(client, bucket, "k", b"data")
    denied = {
        "Effect": "Deny",
        "Principal": {"AWS": admin.caller.arn},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    )
    with pytest.raises(ObjectForbidden):
        read_object(client, bucket, "k")
    assert read_object(stores.internal(), bucket, "k") == b"data"


ODD = (
    "open/../secret",
    "open/./../secret",
    "/secret",
    "open//../secret",
    "./secret",
    "x\\..\\secret",
)


@pytest.fixture
def new_client(stores: ObjectStores, records: Records) -> Callable[..., S3Client]:
    """Makes the client of a new user with a policy of these statements."""

    def make(*statements: dict[str, Any], account: str = "000000000000") -> S3Client:
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        with records.write() as connection:
            accounts.create_account(connection, account)
            name = f"user-{uuid.uuid4().hex[:8]}"
            arn = accounts.create_user(connection, account, name, [policy])
            key = accounts.create_access_key(connection, arn)
        return stores.for_key(key.access_key_id)

    return make


def test_a_key_means_what_was_judged(
    stores: ObjectStores, new_client: Callable[..., S3Client], bucket: str
) -> None:
    internal = stores.internal()
    internal.put_object(Bucket=bucket, Key="secret", Body=b"secret")
    internal.put_object(Bucket=bucket, Key="open/a", Body=b"open")
    objects = f"arn:aws:s3:::{bucket}"
    inside = new_client({"Effect": "Allow", "Action": "s3:*", "Resource": f"{objects}/open/*"})
    denied = new_client(
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": f"{objects}/secret"},
    )
    assert read_object(inside, bucket, "open/a") == read_object(denied, bucket, "open/a")
    for client in (inside, denied):
        for key in ODD:
            with pytest.raises((ObjectMissing, ObjectForbidden)):
                read_object(client, bucket, key)
            with pytest.raises(ObjectStoreError):
                put_object(client, bucket, key, b"changed")
    assert read_object(internal, bucket, "secret") == b"secret"


def test_an_older_version_is_no_object(
    stores: ObjectStores, new_client: Callable[..., S3Client], bucket: str
) -> None:
    internal = stores.internal()
    internal.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    older = internal.put_object(Bucket=bucket, Key="k", Body=b"older")["VersionId"]
    internal.put_object(Bucket=bucket, Key="k", Body=b"newer")
    client = new_client({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    assert read_object(client, bucket, "k") == b"newer"
    with pytest.raises(ObjectForbidden):
        read_object(client, bucket, "k", older)
    with pytest.raises(ObjectMissing):
        read_object(client, bucket, f"k.versions/v_{older}")


def test_the_tags_of_an_object_count(
    stores: ObjectStores, new_client: Callable[..., S3Client], bucket: str
) -> None:
    internal = stores.internal()
    internal.put_object(Bucket=bucket, Key="secret", Body=b"data", Tagging="class=secret")
    internal.put_object(Bucket=bucket, Key="open", Body=b"data", Tagging="class=open")
    internal.put_object(Bucket=bucket, Key="bare", Body=b"data")
    tagged = {"StringEquals": {"s3:ExistingObjectTag/class": "secret"}}
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = new_client(allow, {**allow, "Effect": "Deny", "Condition": tagged})
    only = new_client({**allow, "Condition": tagged})
    for client, readable in ((denied, {"open", "bare"}), (only, {"secret"})):
        for key in ("secret", "open", "bare"):
            if key in readable:
                assert read_object(client, bucket, key) == b"data"
            else:
                with pytest.raises(ObjectForbidden):
                    read_object(client, bucket, key)
    with pytest.raises(ObjectMissing):
        read_object(denied, bucket, "none")


def test_a_public_policy_is_not_for_others_where_it_is_restricted(
    new_client: Callable[..., S3Client], stores: ObjectStores, s3: S3Client, bucket: str
) -> None:
    stores.internal().put_object(Bucket=bucket, Key="k", Body=b"data")
    everybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={})
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    )
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    foreign = new_client(allow, account="555566667777")
    assert read_object(foreign, bucket, "k") == b"data"
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True}
    )
    with pytest.raises(ObjectForbidden):
        read_object(foreign, bucket, "k")
    assert read_object(new_client(allow), bucket, "k") == b"data"


def test_clients_are_made_once_whoever_asks(
    settings: Settings, records: Records, admin: accounts.AccessKey
) -> None:
    stores = ObjectStores(settings, records)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: stores.for_key(admin.access_key_id), range(32)))
    assert len({id(client) for client in made}) == 1
    assert stores.internal() is stores.internal()
    assert stores.internal() is not made[0]


def test_an_external_store_is_reached_by_the_default_chain(
    server: LiveServer, settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment().items():
        if name.startswith("AWS_") and "ENDPOINT" not in name:
            monkeypatch.setenv(name, value)
    external = replace(settings, s3_endpoint_url=settings.s3_endpoint, s3_port=free_port())
    stores = ObjectStores(external, records)
    names = [bucket["Name"] for bucket in stores.internal().list_buckets()["Buckets"]]
    assert names == [bucket["Name"] for bucket in server.s3().list_buckets()["Buckets"]]
    with pytest.raises(ObjectForbidden):
        stores.for_key("any key")


class _Store(BaseHTTPRequestHandler):
    """Answers every GET with the same object."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"data")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def undivided_starts() -> Iterator[None]:
    """A thread's start is not interrupted by that of another.

    Python refuses two trace functions, those of coverage, at the same time, and calls the audit
    hook of `own_home` while it sets one.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(1.0)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("undivided_starts")
def test_a_job_waits_for_a_store_that_restarts(
    settings: Settings, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    port = free_port()
    waiting = replace(settings, s3_endpoint_url=f"http://127.0.0.1:{port}")
    client = ObjectStores(waiting, records).internal()
    attempts: SimpleQueue[None] = SimpleQueue()
    client.meta.events.register("before-send.s3.GetObject", lambda **_: attempts.put(None))
    with ThreadPoolExecutor(32) as pool:
        reads = [pool.submit(read_object, client, "bucket", "key") for _ in range(128)]
        until(lambda: attempts.qsize() > 2 * 32, message="the reads were not tried again")
        assert not any(read.done() for read in reads)
        with ThreadingHTTPServer(("127.0.0.1", port), _Store) as store:
            threading.Thread(target=store.serve_forever).start()
            assert {read.result() for read in reads} == {b"data"}
            store.shutdown()


def test_an_unreachable_store_is_an_error_of_its_own() -> None:
    import boto3
    from botocore.config import Config

    nobody = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(ObjectStoreError) as caught:
        read_object(nobody, "bucket", "key")
    assert type(caught.value) is ObjectStoreError
    with pytest.raises(ValueError, match="ours"), s3_errors("bucket"):
        raise ValueError("ours")
