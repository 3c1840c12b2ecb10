"""The worker as a process of its own."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image
from tests.artefacts import average_colour
from tests.serving.machine import until

from lensmith.domain.errors import ImageTooLargeException, InvalidImageFormatException
from lensmith.serving.shared_memory import LARGEST_FILE
from lensmith.serving.unit import ModelUnusableError, Unit, UnitLostError, places_for

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


def picture(colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    return file.getvalue()


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


def test_a_unit_looks_at_several_images_at_once(model: Path, red: bytes) -> None:
    unit = Unit.launch(model, 2, model / "log")
    unit.await_ready(60)
    assert unit.places == 2
    held = unit._free.get()  # a place that another request has
    assert unit.ask(red, 60).detections[0].name == "red"
    unit._free.put(held)
    blue = picture((0, 0, 255))
    with ThreadPoolExecutor(8) as clients:
        answers = clients.map(lambda image: unit.ask(image, 60), [red, blue] * 40)
        assert [found.detections[0].name for found in answers] == ["red", "blue"] * 40
    assert end(unit) == 0


def test_a_file_without_room_is_too_large(model: Path, red: bytes) -> None:
    unit = launch(model)
    unit.await_ready(60)
    padded = red.ljust(LARGEST_FILE, b"\0")
    with pytest.raises(ImageTooLargeException):
        unit.ask(padded + b"\0", 60)
    assert unit.ask(padded, 60).detections[0].name == "red"
    end(unit)


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (2, 2), (64, 4)])
def test_places_keep_the_threads_busy(threads: int, places: int) -> None:
    assert places_for(threads) == places


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
