"""A disk that is really full: a server whose data directory lies on a small tmpfs.

Needs root to mount, so it is no test that every machine can run: `python -m tests.server.full_disk`
(sudo, Linux). It prints what it found and ends with status 1 when something acknowledged is lost.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tests.support.eventually import until
from tests.support.live_server import LiveServer

_SIZE = "400m"
_PIECE = 1 << 20
_ROUNDS = 2
_WRITES = 40


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(ballast: Path) -> None:
    """Write until not one more byte fits."""
    with ballast.open("ab", buffering=0) as file:
        for size in (_PIECE, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"\1" * size):
                    pass


class Attempts:
    """Writes against a server, and what of them it has acknowledged."""

    def __init__(self, server: LiveServer) -> None:
        self.projects: set[str] = set()
        self.objects: dict[str, bytes] = {}
        self.refusals: dict[str, int] = {}
        given = server.environment()
        self._rekognition = server.rekognition()
        self._s3 = boto3.client(
            "s3",
            endpoint_url=given["AWS_ENDPOINT_URL_S3"],
            region_name=given["AWS_REGION"],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )
        self._reader = server.s3()  # tries again while the store starts

    def bucket(self) -> None:
        self._s3.create_bucket(Bucket="pictures")

    def write(self, name: str, size: int) -> None:
        with self._counted("CreateProject"):
            self._rekognition.create_project(ProjectName=name)
            self.projects.add(name)
        self.put(name, size)

    def put(self, name: str, size: int) -> bool:
        body = name.encode() * size
        with self._counted("PutObject"):
            self._s3.put_object(Bucket="pictures", Key=name, Body=body)
            self.objects[name] = body
        return name in self.objects

    @contextlib.contextmanager
    def _counted(self, operation: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            said = f"{operation}: {error}"
            self.refusals[said] = self.refusals.get(said, 0) + 1

    def lost(self) -> list[str]:
        pages = self._rekognition.get_paginator("describe_projects").paginate()
        there = {
            one["ProjectArn"].split("/")[1] for page in pages for one in page["ProjectDescriptions"]
        }
        lost = sorted(self.projects - there)
        for name, body in self.objects.items():
            try:
                if self._reader.get_object(Bucket="pictures", Key=name)["Body"].read() != body:
                    lost.append(f"bytes of {name}")
            except (ClientError, BotoCoreError) as error:
                lost.append(f"{name}: {error}")
        return lost


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder, "home", "data")) as disk:
        server = LiveServer(disk.parent)
        server.start()
        attempts = Attempts(server)
        attempts.bucket()
        faults: list[str] = []
        for number in range(3):
            attempts.write(f"before-{number}", 1000)
        for step in range(_ROUNDS):  # full again and again, as other programs write and delete
            fill(disk / "ballast")
            for number in range(_WRITES):  # the last pages of files still take some
                attempts.write(f"full-{step}-{number}", 1 + 100 * (number % 7))
            faults += attempts.lost()
            (disk / "ballast").unlink()
            begun, name = time.monotonic(), f"after-{step}"
            until(partial(attempts.put, name, 1000), message="no write after there was room")
            seconds = time.monotonic() - begun
            print(f"objects can be written {seconds:.0f} s after there was room", flush=True)
            attempts.write(f"later-{step}", 1000)
        faults += attempts.lost()
        ended = server.stop()
        server.start()
        faults += Attempts.lost(_again(attempts, server))
        ended += server.stop()
        log = server.log.read_text()
        for said, count in attempts.refusals.items():
            print(f"{count} x {said}")
        print(f"acknowledged: {len(attempts.projects)} projects, {len(attempts.objects)} objects")
        traces = log.count("Traceback")
        print(f"lost: {faults or 'nothing'}; exit statuses: {ended}; traces: {traces}")
        return 1 if faults or ended or traces else 0


def _again(attempts: Attempts, server: LiveServer) -> Attempts:
    later = Attempts(server)
    later.projects, later.objects = attempts.projects, attempts.objects
    return later


if __name__ == "__main__":
    sys.exit(main())
