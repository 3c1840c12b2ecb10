"""The gateway against SeaweedFS alone: GETs of 100 kB at 8 connections, of 8 MB at 2, in turns.

Every request is signed beforehand (presigned, SigV4); the client only sends and reads. Starts
servers of its own: one as it is, which has the 100 kB in memory after their first reading, and one
that keeps nothing, as for objects that are read once. The smallest relay (`bench.relay`), in the
same turns, is what no process in between can get above.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import uvloop
from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer, free_port

from lensmith.store.internal_ports import ports_file

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BUCKET = "bench-s3"
_SMALL = (100_000, 200, 8)  # bytes, objects, connections
_LARGE = (8_000_000, 4, 2)
_UNLIMITED = {"LENSMITH_KEY_RATE": "0", "LENSMITH_ACCOUNT_RATE": "0"}
_AS_IT_IS = {"100 kB, read again": _SMALL, "8 MB": _LARGE}
_WITHOUT_MEMORY = {"100 kB, read once": _SMALL}


Sizes = dict[str, tuple[int, int, int]]


class _Reader(asyncio.Protocol):
    """Sends the next request when an answer has been read; counts answers and bytes."""

    def __init__(self, requests: Iterator[bytes]) -> None:
        self._requests = requests
        self._left = 0
        self._head = b""
        self.answers = 0
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._left == 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(self._head[:500].decode("latin-1"))
            _, _, rest = self._head[:end].lower().partition(b"content-length:")
            self._left = int(rest.split(b"\r\n")[0]) - (len(self._head) - end - 4)
            self._head = b""
        else:
            self._left -= len(data)
        if self._left == 0:
            self.answers += 1
            self._transport.write(next(self._requests))

    def close(self) -> None:
        self._transport.abort()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one turn")
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    columns = ("GET", "SeaweedFS alone", "through the gateway", "share", "smallest relay's share")
    table = Table(*columns, box=None)
    for sizes, setting in ((_AS_IT_IS, {}), (_WITHOUT_MEMORY, {"LENSMITH_S3_CACHE_BYTES": "0"})):
        with tempfile.TemporaryDirectory() as home:
            server = LiveServer(Path(home), given=_UNLIMITED | setting)
            server.start()
            try:
                _compare(server, sizes, given.seconds, given.turns, table)
            finally:
                server.stop()
    Console().print(table)


def _compare(server: LiveServer, sizes: Sizes, seconds: float, turns: int, table: Table) -> None:
    through, alone = server.s3(), server.store_s3()
    through.create_bucket(Bucket=_BUCKET)
    with _relay(server) as relay:
        for name, (size, count, connections) in sizes.items():
            keys = [f"{size}/{number}" for number in range(count)]
            for key in keys:
                through.put_object(Bucket=_BUCKET, Key=key, Body=os.urandom(size))
            by_way = [
                (_port(client), _requests(client, keys), port)
                for client, port in ((alone, 0), (through, 0), (alone, relay))
            ]
            figures = [
                [
                    uvloop.run(load(port or own, requests, connections, seconds))
                    for own, requests, port in by_way
                ]
                for _ in range(turns)
            ]
            first, second, _ = (median(each) for each in zip(*figures, strict=True))
            scale = size / 1e6
            table.add_row(
                name,
                f"{first:.0f}/s, {first * scale:.0f} MB/s",
                f"{second:.0f}/s, {second * scale:.0f} MB/s",
                _share([turn[1] / turn[0] for turn in figures]),
                _share([turn[2] / turn[0] for turn in figures]),
            )


def _share(shares: list[float]) -> str:
    return f"{median(shares):.2f} ({min(shares):.2f}-{max(shares):.2f})"


@contextmanager
def _relay(server: LiveServer) -> Iterator[int]:
    """Start the smallest relay before the server's store; its port."""
    port, path = free_port(), ports_file(server.settings).parent / "s3.sock"
    command = [sys.executable, "-m", "bench.relay", str(port), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it listens
        try:
            yield port
        finally:
            process.kill()


def _requests(client: S3Client, keys: list[str]) -> list[bytes]:
    requests = []
    for key in keys:
        url = urlsplit(
            client.generate_presigned_url("get_object", Params={"Bucket": _BUCKET, "Key": key})
        )
        requests.append(
            f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode()
        )
    return requests


def _port(client: S3Client) -> int:
    port = urlsplit(client.meta.endpoint_url).port
    assert port is not None
    return port


async def load(port: int, requests: list[bytes], connections: int, seconds: float) -> float:
    """Return answers a second."""
    loop = asyncio.get_running_loop()
    cycle = itertools.cycle(requests)
    readers: list[_Reader] = []
    for _ in range(connections):
        _, reader = await loop.create_connection(lambda: _Reader(cycle), "127.0.0.1", port)
        readers.append(reader)
    await asyncio.sleep(0.3)
    began, before = loop.time(), sum(reader.answers for reader in readers)
    await asyncio.sleep(seconds)
    answers = sum(reader.answers for reader in readers) - before
    rate = answers / (loop.time() - began)
    for reader in readers:
        reader.close()
    return rate


if __name__ == "__main__":
    main()
