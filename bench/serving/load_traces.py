"""Records how much is asked of two running models while people, scripts and a camera use them.

`python -m bench load_traces --into FILE` takes four minutes and writes, for each model, the mean
number of its requests under way in every half second, and the units that the server wanted at its
end. The scaler's tests play such a file: tests/serving/recorded.json is one.
"""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from tests.support.live_server import LiveServer
from tests.support.signed_caller import SignedCaller

from bench.serving.pictures import SIZES, photo
from bench.serving.running_models import ReadyModel, served_models
from lensmith.serving.scaler import SAMPLE_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

MOST_UNITS = 4


@dataclass(frozen=True, slots=True)
class Phase:
    """A number of clients for some seconds, each pausing between its requests."""

    seconds: float
    clients: int
    think_seconds: float = 0.0  # on average


_CLICKS = Phase(30, 1, 1.0)
_BATCH = (Phase(6, 4), Phase(14, 0))

DAYS = {
    "classifier": (
        *(_CLICKS, Phase(20, 3, 0.1), Phase(25, 5), Phase(15, 2)),
        *(_CLICKS, Phase(90, 1, 2.0)),
    ),
    "detector": (Phase(10, 0), *_BATCH * 5, Phase(10, 8), Phase(90, 0)),
}
"""By model: a person looks around, then scripts come and go; a camera sends a batch every 20 s."""


@dataclass
class Demand:
    """Requests under way, averaged over the time since the last sample."""

    under_way: int = 0
    area: float = 0.0
    changed: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def request(self) -> Iterator[None]:
        self._change(+1)
        try:
            yield
        finally:
            self._change(-1)

    def sample(self, seconds: float) -> float:
        with self.lock:
            self._add_up()
            mean, self.area = self.area / seconds, 0.0
        return round(mean, 3)

    def _change(self, by: int) -> None:
        with self.lock:
            self._add_up()
            self.under_way += by

    def _add_up(self) -> None:
        now = time.monotonic()
        self.area += self.under_way * (now - self.changed)
        self.changed = now


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench load_traces")
    parser.add_argument("--into", type=Path, required=True, metavar="FILE")
    file: Path = parser.parse_args().into
    with served_models() as (server, models), ThreadPoolExecutor(len(models)) as pool:
        recorded = pool.map(lambda model: _record(server, model), models)
        traces = dict(zip((model.kind for model in models), recorded, strict=True))
    file.write_text(json.dumps({"sample_seconds": SAMPLE_SECONDS, **traces}) + "\n")


def _record(server: LiveServer, model: ReadyModel) -> dict[str, list[float]]:
    """One day of a model, from its start to its stop."""
    rekognition = server.rekognition(connections=16)
    rekognition.start_project_version(
        ProjectVersionArn=model.arn, MinInferenceUnits=1, MaxInferenceUnits=MOST_UNITS
    )
    rekognition.get_waiter("project_version_running").wait(
        ProjectArn=model.project_arn, WaiterConfig={"Delay": 1}
    )
    demand, over = Demand(), threading.Event()
    with ThreadPoolExecutor(1) as watch:
        trace = watch.submit(_watch, server, model, demand, over)
        for phase in DAYS[model.kind]:
            _live_through(phase, rekognition, model.arn, demand)
        over.set()
    model.stop(rekognition)
    return trace.result()


def _watch(
    server: LiveServer, model: ReadyModel, demand: Demand, over: threading.Event
) -> dict[str, list[float]]:
    caller = SignedCaller(server)
    path = f"/_lensmith/projects/{model.kind}/versions/bench/units"
    trace: dict[str, list[float]] = {"demand": [], "desired": []}
    began = time.monotonic()
    while not over.wait(SAMPLE_SECONDS):
        seconds, began = time.monotonic() - began, time.monotonic()
        trace["demand"].append(demand.sample(seconds))
        trace["desired"].append(caller.call("GET", path)["DesiredInferenceUnits"])
    return trace


def _live_through(phase: Phase, rekognition: RekognitionClient, arn: str, demand: Demand) -> None:
    picture, until = photo(SIZES["480 px"]), time.monotonic() + phase.seconds

    def client(seed: int) -> None:
        draw = random.Random(seed)
        while time.monotonic() < until:
            with demand.request(), suppress(ClientError):  # refused: asked again
                rekognition.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": picture})
            if phase.think_seconds:
                time.sleep(draw.expovariate(1 / phase.think_seconds))

    with ThreadPoolExecutor(max(phase.clients, 1)) as clients:
        list(clients.map(client, range(phase.clients)))
    time.sleep(max(until - time.monotonic(), 0.0))


if __name__ == "__main__":
    main()
