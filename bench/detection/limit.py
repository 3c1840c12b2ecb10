"""Running `bench.detection.bare` in as many processes as there are units."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.detection.hosts import Model
from bench.detection.measured import Cpu, Measured, Outcome


def bare(model: Model, picture: Path, processes: int, warm_up: float, seconds: float) -> Measured:
    """What the machine can do with nothing between the file and the network."""
    given = (model.directory, picture, model.threads, warm_up, seconds)
    loops = [_start([str(value) for value in given]) for _ in range(processes)]
    for loop in loops:
        _say(loop)
    answers = [json.loads(loop.communicate()[0]) for loop in loops]
    outcomes = [Outcome(took, 200) for answer in answers for took in answer["seconds"]]
    cpu = sum(answer["cpu"] for answer in answers)
    return Measured.of(outcomes, seconds, Cpu(0.0, cpu), 0.0)


def _start(given: list[str]) -> subprocess.Popen[str]:
    """A loop that has loaded the model and waits."""
    command = [sys.executable, "-m", "bench.detection.bare", *given]
    loop = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert loop.stdout is not None
    loop.stdout.readline()
    return loop


def _say(loop: subprocess.Popen[str]) -> None:
    assert loop.stdin is not None
    loop.stdin.write("go\n")
    loop.stdin.flush()
