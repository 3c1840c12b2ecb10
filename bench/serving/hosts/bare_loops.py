"""`bench.serving.hosts.bare` in as many processes as there are units."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving.hosts.servers import Model
from bench.serving.measured import Cpu, Measured, Outcome
from lensmith.domain.precision import Precision


class Loops:
    """Processes that predict on one picture in a loop, on command."""

    def __init__(self, loops: list[subprocess.Popen[str]]) -> None:
        self._loops = loops

    def measured(self, connections: int, warm_up: float, seconds: float) -> Measured:
        """What the machine can do with nothing between the file and the network.

        No more loops run than a server has requests at once.
        """
        running = self._loops[:connections]
        for loop in running:
            _write(loop, f"{warm_up} {seconds}")
        answers = [json.loads(_read(loop)) for loop in running]
        outcomes = [Outcome(took, 200) for answer in answers for took in answer["seconds"]]
        cpu = sum(answer["cpu"] for answer in answers)
        return Measured.of(outcomes, seconds, Cpu(0.0, cpu), 0.0)


@contextmanager
def loops(model: Model, picture: Path, precision: Precision) -> Iterator[Loops]:
    """One a unit, each with the model loaded in this precision."""
    command = [sys.executable, "-m", "bench.serving.hosts.bare"]
    given = [str(model.directory), str(picture), str(model.threads), precision]
    started = [
        subprocess.Popen(
            [*command, *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(model.units)
    ]
    try:
        for loop in started:
            _read(loop)
        yield Loops(started)
    finally:
        for loop in started:
            loop.communicate()


def _write(loop: subprocess.Popen[str], line: str) -> None:
    assert loop.stdin is not None
    loop.stdin.write(line + "\n")
    loop.stdin.flush()


def _read(loop: subprocess.Popen[str]) -> str:
    assert loop.stdout is not None
    return loop.stdout.readline()
