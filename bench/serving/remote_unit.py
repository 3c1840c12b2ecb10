"""Asks one unit in turns by shared memory and by TCP: `python -m bench remote_unit`.

The model is tiny, and the files are no pictures: what is measured is the way there and back. The
server's event loop is uvloop's, as in the HTTP server; both sides are on this machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import uvloop
from rich.console import Console
from rich.table import Table
from tests.support.artefacts import average_colour

from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.tls import connecting_context
from lensmith.serving.remote.unit import RemoteUnit
from lensmith.serving.unit import Unit, UnitReply
from lensmith.serving.unit_command import Listening

SIZES = {"50 kB": (50_000, 1.0), "1 MB": (1_000_000, None), "4 MB": (4_000_000, 8.0)}
"""Bytes of a file, and by how many milliseconds TCP may be slower (issue 22)."""

_HOST, _VERSION = "127.0.0.1", 1
_SECONDS = 20.0

Predict = Callable[[bytes, float], Awaitable[UnitReply]]


def measured(rounds: int) -> Table:
    """Start a unit and ask it."""
    credentials = credentials_of(bytes(32))
    with TemporaryDirectory() as name:
        folder = Path(name)
        average_colour(folder / "model")
        listening = Listening(_HOST, credentials, _VERSION)
        unit = Unit.launch(folder / "model", 1, folder / "log", listening=listening)
        try:
            unit.await_ready(60)
            return uvloop.run(measure(unit, credentials, rounds))
        finally:
            unit.shut_down()
            unit.wait()


async def measure(unit: Unit, credentials: bytes, rounds: int) -> Table:
    """Ask in turns, so that other work on the machine meets both."""
    assert unit.port is not None
    context = connecting_context(credentials)
    remote = await RemoteUnit.connect((_HOST, unit.port), context, _VERSION)
    table = Table("file", "shared memory, ms", "TCP, ms", "TCP p95, ms", "more, ms", "at most")
    for name, (size, bound) in SIZES.items():
        body = bytes(size)
        local, far = [], []
        for _ in range(rounds + 5):
            local.append(await milliseconds(unit.predict, body))
            far.append(await milliseconds(remote.predict, body))
        local, far = local[5:], far[5:]  # the first fill caches and buffers
        more = median(far) - median(local)
        table.add_row(
            name,
            f"{median(local):.2f}",
            f"{median(far):.2f}",
            f"{quantiles(far, n=20)[-1]:.2f}",
            f"{more:+.2f}",
            "" if bound is None else f"{bound:+.0f}{'' if more <= bound else ' MISSED'}",
        )
    remote.kill()
    return table


async def milliseconds(predict: Predict, body: bytes) -> float:
    """Return how long one request takes."""
    began = time.perf_counter()
    await predict(body, _SECONDS)
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench remote_unit", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    Console().print(measured(given.rounds))


if __name__ == "__main__":
    main()
