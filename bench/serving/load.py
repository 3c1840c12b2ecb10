"""Mixed load on two models while their units are killed at random: nothing is lost, nothing grows.

`python -m bench serving_load --minutes 30` prints the tables and writes
bench/results/serving_load.json; it ends with 1 when an answer was lost. `--rate 5` sends five
pictures a second instead of as many as the connections can, beside other work.

The classifier has two units, of which one is killed only while both serve: none of its calls may
fail. The detector has one: a call that was on it twice in a row may end in InternalServerError.
Both may refuse with ProvisionedThroughputExceededException.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import psutil
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

from bench.outcomes import write_results
from bench.serving.memory import MemoryWatch
from bench.serving.pictures import SIZES, photo
from bench.serving.running_models import ReadyModel, served_models

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ImageTypeDef

UNITS = {"classifier": 2, "detector": 1}
_REFUSED = "ProvisionedThroughputExceededException"
_BUCKET = "custom-labels-load"
_CONTROL_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: float
    connections: int
    rate: float  # pictures a second in all; 0: as many as the connections can
    kill_every: float  # seconds between two killed units, on average


@dataclass(slots=True)
class Answers:
    """Every answer of a run by what was asked: codes and milliseconds."""

    codes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, asked: str, call: Callable[[], object]) -> None:
        began = time.perf_counter()
        try:
            call()
            code = "answered"
        except ClientError as error:
            code = error.response["Error"]["Code"]
        except BotoCoreError as error:  # no answer at all
            code = type(error).__name__
        milliseconds = (time.perf_counter() - began) * 1e3
        with self.lock:
            self.codes[asked][code] += 1
            if code == "answered":
                self.times[asked].append(milliseconds)

    def lost(self) -> int:
        """Answers beyond what the rule of this file's head allows."""
        return sum(
            count
            for asked, codes in self.codes.items()
            for code, count in codes.items()
            if not _is_allowed(asked.split()[0], code)
        )


def _is_allowed(kind: str, code: str) -> bool:
    if kind not in UNITS:
        return code == "answered"
    alone = UNITS[kind] == 1
    return code in {"answered", _REFUSED} or (alone and code == "InternalServerError")


class Pace:
    """Limits the rate of all callers together."""

    def __init__(self, rate: float) -> None:
        self._pause = 1 / rate if rate else 0.0
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._pause
        time.sleep(turn - now)


@dataclass(frozen=True, slots=True)
class Load:
    """One run: who calls what until it is over."""

    server: LiveServer
    models: list[ReadyModel]
    rekognition: RekognitionClient
    images: dict[str, ImageTypeDef]  # by size and transport
    pace: Pace
    over: threading.Event = field(default_factory=threading.Event)
    answers: Answers = field(default_factory=Answers)
    kills: Counter[str] = field(default_factory=Counter)

    def detect(self, seed: int) -> None:
        draw = random.Random(seed)
        while not self.over.is_set():
            self.pace.wait()
            model = draw.choice(self.models)
            name, image = draw.choice([*self.images.items()])

            def call(arn: str = model.arn, image: ImageTypeDef = image) -> object:
                return self.rekognition.detect_custom_labels(ProjectVersionArn=arn, Image=image)

            self.answers.note(f"{model.kind} {name}", call)

    def control(self) -> None:
        """What a console and a script do meanwhile."""
        arn = self.models[0].project_arn
        calls: list[Callable[[], object]] = [
            self.rekognition.describe_projects,
            lambda: self.rekognition.describe_project_versions(ProjectArn=arn),
            lambda: self.rekognition.tag_resource(
                ResourceArn=self.models[0].arn, Tags={"at": str(time.time())}
            ),
            lambda: self.rekognition.list_tags_for_resource(ResourceArn=self.models[0].arn),
        ]
        while not self.over.wait(_CONTROL_PAUSE_SECONDS):
            self.answers.note("control", random.choice(calls))

    def kill(self, every: float) -> None:
        """SIGKILL for a random unit, at random moments."""
        caller = SignedCaller(self.server)
        draw = random.Random(0)
        while not self.over.wait(draw.expovariate(1 / every)):
            model = draw.choice(self.models)
            path = f"/_lensmith/projects/{model.kind}/versions/bench/units"
            units = model.units(self.server)
            in_service = caller.call("GET", path)["InServiceInferenceUnits"]
            if units and in_service == UNITS[model.kind]:
                draw.choice(units).kill()
                self.kills[model.kind] += 1


def main() -> None:
    plan = _plan()
    console = Console()
    with served_models() as (server, models):
        report = _run(plan, server, models)
    write_results("serving_load", report)
    _show(report, console)
    if report["lost"]:
        sys.exit(1)


def _plan() -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench serving_load")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.0, help="pictures a second; 0: no limit")
    parser.add_argument("--kill-every", type=float, default=10.0, help="seconds on average")
    return Plan(**vars(parser.parse_args()))


def _run(plan: Plan, server: LiveServer, models: list[ReadyModel]) -> dict[str, Any]:
    rekognition = server.rekognition(connections=plan.connections + 2)
    for model in models:
        model.start(rekognition, UNITS[model.kind])
    load = Load(server, models, rekognition, _images(server), Pace(plan.rate))
    watch = MemoryWatch(psutil.Process(server.pid), "lensmith.serving.worker")
    began = time.monotonic()
    with _working(load, plan), watch.watching():
        time.sleep(plan.minutes * 60)
    seconds = time.monotonic() - began
    for model in models:
        model.stop(rekognition)
    return _report(plan, load, watch, seconds)


@contextmanager
def _working(load: Load, plan: Plan) -> Iterator[None]:
    with ThreadPoolExecutor(plan.connections + 2) as clients:
        work = [clients.submit(load.detect, seed) for seed in range(plan.connections)]
        work += [clients.submit(load.control), clients.submit(load.kill, plan.kill_every)]
        try:
            yield
        finally:
            load.over.set()
    for each in work:
        each.result()


def _images(server: LiveServer) -> dict[str, ImageTypeDef]:
    s3 = server.s3()
    s3.create_bucket(Bucket=_BUCKET)
    images: dict[str, ImageTypeDef] = {}
    for size, sides in SIZES.items():
        data = photo(sides)
        s3.put_object(Bucket=_BUCKET, Key=f"{size}.jpg", Body=data)
        images[f"{size} bytes"] = {"Bytes": data}
        images[f"{size} S3"] = {"S3Object": {"Bucket": _BUCKET, "Name": f"{size}.jpg"}}
    return images


def _report(plan: Plan, load: Load, watch: MemoryWatch, seconds: float) -> dict[str, Any]:
    answers = load.answers
    return {
        "minutes": plan.minutes,
        "connections": plan.connections,
        "rate_limit": plan.rate,
        "cores": os.cpu_count(),
        "load_average": os.getloadavg(),
        "answered_a_second": round(sum(map(len, answers.times.values())) / seconds, 2),
        "killed": dict(load.kills),
        "lost": answers.lost(),
        "memory_megabytes": watch.report(),
        "answers": [
            {"asked": asked, "codes": dict(codes), **_percentiles(answers.times[asked])}
            for asked, codes in sorted(answers.codes.items())
        ],
    }


def _percentiles(times: list[float]) -> dict[str, float | None]:
    if len(times) < 2:
        return {"p50_ms": None, "p99_ms": None}
    cuts = quantiles(times, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}


def _show(report: dict[str, Any], console: Console) -> None:
    table = Table("asked", "codes")
    table.add_column("p50 ms", justify="right")
    table.add_column("p99 ms", justify="right")
    for row in report["answers"]:
        codes = ", ".join(f"{count} {code}" for code, count in row["codes"].items())
        table.add_row(row["asked"], codes, str(row["p50_ms"]), str(row["p99_ms"]))
    console.print(table)
    for what, megabytes in report["memory_megabytes"].items():
        console.print(f"{what}: {megabytes}")
    console.print(f"killed {report['killed']}, lost {report['lost']}")


if __name__ == "__main__":
    main()
