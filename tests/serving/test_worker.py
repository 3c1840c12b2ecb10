"""The worker as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.artefacts import average_colour
from tests.serving.machine import until

from lensmith.domain.errors import InvalidImageFormatException
from lensmith.serving.unit import ModelUnusableError, Unit, UnitLostError

HEAVY_MODULES = {"torch", "sqlalchemy", "boto3", "botocore", "starlette", "sklearn", "onnx"}

SERVER = """
import sys, time
from pathlib import Path
from lensmith.serving.unit import Unit

unit = Unit.launch(Path(sys.argv[1]), 1, Path(sys.argv[2]))
unit.await_ready(60)
print(unit.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    average_colour(tmp_path / "model")
    return tmp_path / "model"


def launch(model: Path) -> Unit:
    return Unit.launch(model, 1, model / "log")


def end(unit: Unit) -> int:
    unit.dismiss()
    return unit.wait()


def test_a_worker_imports_nothing_heavy() -> None:
    listing = "import sys, lensmith.serving.worker; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", listing], check=True, capture_output=True, text=True
    )
    assert not HEAVY_MODULES & set(done.stdout.split())


def test_a_unit_answers_until_it_is_dismissed(model: Path, red: bytes) -> None:
    unit = launch(model)
    unit.await_ready(60)
    assert unit.ask(red, 60).detections[0].name == "red"
    with pytest.raises(InvalidImageFormatException):
        unit.ask(b"no pixels", 60)
    assert unit.ask(red, 60).thresholds["blue"] == 0.7
    assert end(unit) == 0
    assert (model / "log").read_text() == ""


def test_a_dismissed_unit_answers_no_more(model: Path, red: bytes) -> None:
    unit = launch(model)
    unit.await_ready(60)
    end(unit)
    unit.dismiss()
    with pytest.raises(UnitLostError):
        unit.ask(red, 60)


def test_a_unit_says_why_its_model_is_unusable(tmp_path: Path) -> None:
    unit = Unit.launch(tmp_path / "nowhere", 1, tmp_path / "log")
    with pytest.raises(ModelUnusableError, match="No such file"):
        unit.await_ready(60)
    assert unit.wait() == 0


def test_a_unit_that_dies_is_lost(model: Path, red: bytes) -> None:
    unit = launch(model)
    unit.await_ready(60)
    unit.kill()
    with pytest.raises(UnitLostError):
        unit.ask(red, 60)
    assert unit.wait() == -signal.SIGKILL


def test_a_unit_that_hangs_while_it_starts_is_lost(model: Path) -> None:
    unit = launch(model)
    psutil.Process(unit.pid).suspend()
    with pytest.raises(UnitLostError):
        unit.await_ready(0.05)
    unit.kill()
    unit.wait()


def test_a_unit_ends_with_its_server(model: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(model), str(model / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        worker = psutil.Process(int(server.stdout.readline()))
        server.kill()
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
