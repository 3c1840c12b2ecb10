"""Copies of training images from a real object store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from structlog.testing import capture_logs
from tests.support.eventually import until
from tests.support.forwarded_port import ForwardedPort
from tests.support.live_server import free_port
from tests.training.job.training_bench import TrainingBench, picture

from lensmith.domain.errors import ObjectStoreError
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.training.job.images import CopiedImages, Fault, bucket_owner, copy_images

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def copy(bench: TrainingBench, source_refs: list[str], directory: Path) -> CopiedImages:
    return copy_images(bench.client(bench.limited), source_refs, directory, lambda _: None)


def test_copies_are_the_originals_each_once(training_bench: TrainingBench, tmp_path: Path) -> None:
    bucket = training_bench.new_bucket()
    refs = [training_bench.put_picture(bucket, f"ü {n}.png", "red", n) for n in range(3)]
    done: list[int] = []
    images = copy_images(training_bench.s3, refs * 2, tmp_path, done.append)
    assert {ref: path.read_bytes() for ref, path in images.files.items()} == {
        ref: picture("red", number) for number, ref in enumerate(refs)
    }
    assert images.faults == {}
    assert done == [1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 3


def test_every_fault_is_named(training_bench: TrainingBench, tmp_path: Path) -> None:
    bucket, denied = training_bench.new_bucket(), training_bench.new_bucket("denied")
    training_bench.s3.put_object(Bucket=bucket, Key="text.png", Body=b"hello")
    training_bench.s3.put_object(Bucket=bucket, Key="cut.png", Body=picture("red", 1)[:-400])
    training_bench.s3.put_object(Bucket=bucket, Key="small.png", Body=picture("red", 1, side=63))
    huge = picture("red", 1) + bytes(15 << 20)
    training_bench.s3.put_object(Bucket=bucket, Key="huge.png", Body=huge)
    training_bench.put_picture(denied, "a.png", "red", 1)
    expected = {
        f"s3://{bucket}/text.png": Fault.INVALID,
        f"s3://{bucket}/cut.png": Fault.INVALID,
        f"s3://{bucket}/small.png": Fault.INVALID,
        f"s3://{bucket}/huge.png": Fault.INVALID,
        f"s3://{bucket}/gone.png": Fault.MISSING,
        f"s3://{bucket}/{'long/' * 400}": Fault.MISSING,
        "s3://no_such bucket/a.png": Fault.MISSING,
        f"s3://{denied}/a.png": Fault.FORBIDDEN,
    }
    images = copy(training_bench, list(expected), tmp_path)
    assert images.faults == expected
    assert list(tmp_path.iterdir()) == []


def test_none_readable_is_the_fault_of_the_bucket() -> None:
    faults = {"a": Fault.FORBIDDEN, "b": Fault.FORBIDDEN, "c": Fault.MISSING, "d": Fault.INVALID}
    images = CopiedImages({"e": Path("e")}, faults)
    assert images.none_readable(["a", "b"]) is Fault.FORBIDDEN
    assert images.none_readable(["a", "c"]) is Fault.MISSING
    assert images.none_readable(["a", "d"]) is None  # that one was read
    assert images.none_readable(["a", "e"]) is None
    assert images.none_readable([]) is None


def client_at(port: int, key_id: str, secret: str) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def test_a_store_that_is_away_is_waited_for(training_bench: TrainingBench, tmp_path: Path) -> None:
    bucket = training_bench.new_bucket()
    sources = [training_bench.put_picture(bucket, f"{n}.png", "red", n) for n in range(3)]
    there = InternalPorts.read(ports_file(training_bench.settings))
    assert there is not None
    key_id, secret = internal_key(training_bench.records)
    port = free_port()
    client = client_at(port, key_id, secret)
    with ThreadPoolExecutor(1) as pool, capture_logs() as logs:
        copying = pool.submit(copy_images, client, sources, tmp_path, lambda _: None)
        until(lambda: [log for log in logs if log["event"] == "object store away"])
        with ForwardedPort(there.s3, port):
            images = copying.result()
    assert images.files.keys() == set(sources)
    assert images.faults == {}


def test_a_store_that_is_away_says_nothing_of_the_image(tmp_path: Path) -> None:
    away = client_at(free_port(), "AKIAEXAMPLE", "secret")
    with pytest.raises(ObjectStoreError):
        copy_images(away, ["s3://lab/a.png"], tmp_path, lambda _: None, patience_seconds=0)


def test_owners_of_buckets(training_bench: TrainingBench) -> None:
    mine, also_mine = training_bench.new_bucket(), training_bench.new_bucket()
    theirs = training_bench.new_bucket(owner=training_bench.stranger)
    owners = [bucket_owner(training_bench.s3, bucket) for bucket in (mine, also_mine, theirs)]
    assert owners[0] == owners[1] != owners[2]
    assert bucket_owner(training_bench.s3, "no-such-bucket") is None
    denied = training_bench.new_bucket("denied")
    assert bucket_owner(training_bench.client(training_bench.limited), denied) is None
