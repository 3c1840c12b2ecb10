"""Systems that take turns in short rounds.

What a virtual machine gets done changes by the minute. So all systems of a sheet stand ready at
once, one after the other is measured for a moment, again and again, and a share of the limit is
the median of the shares of the rounds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeAlias

from bench.serving.hosts.bare_loops import loops
from bench.serving.hosts.servers import HOSTS, Host, Model, lensmith
from bench.serving.measured import Measured
from lensmith.domain.precision import Precision

BARE = "bare"
BARE_INT8 = "bare int8"
BARE_BFLOAT16 = "bare bfloat16"
LOOPS = {
    BARE: Precision.FLOAT32,
    BARE_INT8: Precision.INT8,
    BARE_BFLOAT16: Precision.BFLOAT16,
}
SYSTEMS = (*LOOPS, *HOSTS)
AGAINST = "Lensmith of another tree"


@dataclass(frozen=True, slots=True)
class Turns:
    """How often and for how long each system is measured."""

    rounds: int
    warm_up: float  # seconds
    seconds: float


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the limit's requests a second: the median round, and the worst and best of them."""

    median: float
    least: float
    most: float


Measure: TypeAlias = Callable[[int, float, float], Measured]
"""Given connections, seconds to warm up and seconds to count."""

Start: TypeAlias = Callable[[Path, Model], AbstractContextManager[Host]]

Round: TypeAlias = Mapping[str, Measured]
"""What each system did, one after the other."""


@contextmanager
def contenders(
    systems: Sequence[str], model: Model, picture: Path, against: Path | None = None
) -> Iterator[dict[str, Measure]]:
    """Start all systems; an idle one takes no time from the others."""
    hosts: Mapping[str, Start] = {**HOSTS, AGAINST: partial(lensmith, source=against)}
    with ExitStack() as started:
        measures: dict[str, Measure] = {}
        for system in systems:
            if system in LOOPS:
                running = started.enter_context(loops(model, picture, LOOPS[system]))
                measures[system] = running.measured
                continue
            host = started.enter_context(hosts[system](picture.parent / system, model))
            request = picture.with_name(f"{system}.request")
            request.write_bytes(host.request(picture.read_bytes()))
            measures[system] = partial(_under_load, host, request)
            if host.version_arn:
                measures[f"{system}, boto3"] = partial(_through_boto3, host, picture)
        yield measures


def take_turns(measures: Mapping[str, Measure], connections: int, turns: Turns) -> list[Round]:
    """Each round begins with another system."""
    names = [name for name in measures if connections == 1 or not name.endswith("boto3")]
    rounds = []
    for number in range(turns.rounds):
        first = number % len(names)
        order = [*names[first:], *names[:first]]
        rounds.append(
            {name: measures[name](connections, turns.warm_up, turns.seconds) for name in order}
        )
    return [{name: one[name] for name in names} for one in rounds]


def shares(rounds: Sequence[Round], system: str) -> Shares | None:
    """None without the limit beside it."""
    if any(BARE not in one or not one[BARE].per_second for one in rounds):
        return None
    each = [one[system].per_second / one[BARE].per_second for one in rounds]
    return Shares(round(median(each), 3), round(min(each), 3), round(max(each), 3))


def _under_load(
    host: Host, request: Path, connections: int, warm_up: float, seconds: float
) -> Measured:
    given = ("127.0.0.1", host.port, request, connections, warm_up, seconds, host.pid)
    return _said("bench.serving.client", given, {})


def _through_boto3(host: Host, picture: Path, _: int, warm_up: float, seconds: float) -> Measured:
    """The same with a client that signs every call, on one connection."""
    given = (host.version_arn, picture, warm_up, seconds, host.pid)
    return _said("bench.serving.boto3_client", given, host.environment)


def _said(module: str, given: Sequence[object], environment: Mapping[str, str]) -> Measured:
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, given)],
        env=dict(environment) or None,
        check=True,
        capture_output=True,
    )
    return Measured(**json.loads(done.stdout))
