"""The worker as a process of its own."""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from PIL import Image
from tests.serving.machine import EventLoop
from tests.support.artefacts import average_colour, convolved_colour, with_int8
from tests.support.eventually import until
from tests.support.suspended import suspend

from lensmith.domain.errors import InvalidImageFormatException
from lensmith.domain.image_limits import MAX_IMAGE_BYTES
from lensmith.domain.label import Prediction
from lensmith.domain.precision import Precision
from lensmith.serving.image_slot import UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.unit import ModelUnusableError, Unit, slots_for
from lensmith.store.sealed.copying import seal_copy
from lensmith.store.sealed.file import SealedFolder

HEAVY_MODULES = {
    "asyncio",
    "torch",
    "sqlalchemy",
    "boto3",
    "botocore",
    "starlette",
    "sklearn",
    "onnx",
}

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
    unit.shut_down()
    return unit.wait()


@dataclass(frozen=True)
class Asking:
    """Requests from an event loop."""

    loop: EventLoop
    patience: float = 60

    def ask(self, unit: Unit, image: bytes) -> Prediction:
        return self.loop.run(self._ask(unit, image))

    def ask_all(self, unit: Unit, images: Sequence[bytes]) -> list[str | UnitLostError]:
        """The best label of each, or why there is none; all at once."""
        return self.loop.run(self._ask_all(unit, images))

    async def _ask(self, unit: Unit, image: bytes) -> Prediction:
        return (await unit.predict(image, self.patience)).prediction()

    async def _ask_all(self, unit: Unit, images: Sequence[bytes]) -> list[str | UnitLostError]:
        room = asyncio.Semaphore(unit.slots + unit.prefetch)

        async def best(image: bytes) -> str | UnitLostError:
            async with room:
                try:
                    return (await self._ask(unit, image)).detections[0].name
                except UnitLostError as error:
                    return error

        return await asyncio.gather(*map(best, images))


@pytest.fixture
def asking(event_loop: EventLoop) -> Asking:
    return Asking(event_loop)


def test_a_worker_imports_nothing_heavy() -> None:
    listing = "import sys, lensmith.serving.sealed_worker; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", listing], check=True, capture_output=True, text=True
    )
    assert not HEAVY_MODULES & set(done.stdout.split())


def test_a_unit_answers_until_it_is_dismissed(model: Path, red: bytes, asking: Asking) -> None:
    unit = launch(model)
    unit.await_ready(60)
    assert asking.ask(unit, red).detections[0].name == "red"
    with pytest.raises(InvalidImageFormatException):
        asking.ask(unit, b"no pixels")
    assert asking.ask(unit, red).thresholds["blue"] == 0.7
    assert end(unit) == 0
    assert (model / "log").read_text() == ""


@pytest.mark.parametrize("threads", [1, 2])
def test_every_image_gets_its_own_answer(
    model: Path, red: bytes, asking: Asking, threads: int
) -> None:
    unit = Unit.launch(model, threads, model / "log")
    unit.await_ready(60)
    assert (unit.slots, unit.prefetch) == (threads, threads)
    blue = picture((0, 0, 255))
    assert asking.ask_all(unit, [red, blue, blue] * 40) == ["red", "blue", "blue"] * 40
    unit.ping(60)
    assert end(unit) == 0


def test_an_image_that_waits_says_nothing_about_the_one_before(
    model: Path, red: bytes, asking: Asking
) -> None:
    unit = launch(model)
    unit.await_ready(60)
    suspend(psutil.Process(unit.pid))
    with ThreadPoolExecutor(1) as client:
        answers = client.submit(asking.ask_all, unit, [red, red])
        until(lambda: unit._slots[0].free_buffers == 0)
        unit.kill()
        unit.wait()
        lost = [type(answer) for answer in answers.result()]
    assert lost == [UnitLostError, UnitLostWhileQueuedError]


def test_a_unit_that_is_silent_for_too_long_is_lost(
    model: Path, red: bytes, event_loop: EventLoop
) -> None:
    hasty = Asking(event_loop, patience=0.05)
    unit = launch(model)
    unit.await_ready(60)
    suspend(psutil.Process(unit.pid))
    for _ in range(2):  # and stays so
        with pytest.raises(UnitLostError):
            hasty.ask(unit, red)
    with pytest.raises(UnitLostError):
        unit.ping(0.05)
    unit.kill()
    unit.wait()


def test_the_largest_file_fits(model: Path, red: bytes, asking: Asking) -> None:
    unit = launch(model)
    unit.await_ready(60)
    padded = red.ljust(MAX_IMAGE_BYTES, b"\0")
    assert asking.ask_all(unit, [padded] * 3) == ["red"] * 3
    end(unit)


@pytest.mark.parametrize(("threads", "slots"), [(1, 1), (2, 2), (64, 4)])
def test_slots_keep_the_threads_busy(threads: int, slots: int) -> None:
    assert slots_for(threads) == slots


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_dismissed_unit_answers_no_more(
    model: Path, red: bytes, asking: Asking, asked_before: bool
) -> None:
    unit = launch(model)
    unit.await_ready(60)
    if asked_before:
        asking.ask(unit, red)
    end(unit)
    unit.shut_down()
    with pytest.raises(UnitLostError):
        asking.ask(unit, red)


def test_a_unit_says_why_its_model_is_unusable(tmp_path: Path) -> None:
    unit = Unit.launch(tmp_path / "nowhere", 1, tmp_path / "log")
    with pytest.raises(ModelUnusableError, match="No such file"):
        unit.await_ready(60)
    assert unit.wait() == 0


def test_a_unit_that_dies_is_lost(model: Path, red: bytes, asking: Asking) -> None:
    unit = launch(model)
    unit.await_ready(60)
    unit.kill()
    with pytest.raises(UnitLostError):
        asking.ask(unit, red)
    assert unit.wait() == -signal.SIGKILL


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_memory_of_a_lost_unit_is_free_at_once(
    model: Path, red: bytes, asking: Asking, asked: int
) -> None:
    gc.collect()
    before = mapped_images()
    gc.disable()
    try:
        unit = launch(model)
        unit.await_ready(60)
        suspend(psutil.Process(unit.pid))
        with ThreadPoolExecutor() as threads:
            answers = threads.submit(asking.ask_all, unit, [red] * asked)
            unit.kill()
            unit.wait()
        assert [isinstance(each, UnitLostError) for each in answers.result()] == [True] * asked
        until(lambda: mapped_images() == before)
    finally:
        gc.enable()


def mapped_images() -> int:
    """How often this process has memory of units in its own."""
    return Path("/proc/self/maps").read_text().count("lensmith-images")


def test_a_unit_that_hangs_while_it_starts_is_lost(model: Path) -> None:
    unit = launch(model)
    suspend(psutil.Process(unit.pid))
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


def test_a_unit_serves_a_variant_with_its_thresholds(
    red: bytes, asking: Asking, tmp_path: Path
) -> None:
    model, data_key, sealed = tmp_path / "variants", bytes(range(32)), tmp_path / "sealed"
    convolved_colour(model)
    with_int8(model, (0.45, 0.55, 0.65))
    seal_copy(model, SealedFolder(sealed, data_key))
    answers = []
    for folder, key, wanted, served, threshold in (
        (model, None, None, Precision.INT8, 0.45),
        (sealed, data_key, None, Precision.INT8, 0.45),
        (model, None, Precision.FLOAT32, Precision.FLOAT32, 0.5),
    ):
        unit = Unit.launch(folder, 1, tmp_path / "log", key, wanted)
        unit.await_ready(60)
        assert unit.served is not None
        assert (unit.served.precision, unit.served.runtime) == (served, "onnxruntime")
        assert unit.served.seconds > 0
        answers.append(asking.ask(unit, red))
        assert answers[-1].thresholds["red"] == threshold
        end(unit)
    assert answers[0] == answers[1]


def test_a_sealed_model_answers_as_the_plain_one(
    model: Path, red: bytes, asking: Asking, tmp_path: Path
) -> None:
    data_key, sealed = bytes(range(32)), tmp_path / "sealed"
    seal_copy(model, SealedFolder(sealed, data_key))
    assert (sealed / "model.onnx").read_bytes().startswith(b"LSMENC")
    answers = []
    for unit in (launch(model), Unit.launch(sealed, 1, tmp_path / "log", data_key)):
        unit.await_ready(60)
        answers.append(asking.ask(unit, red))
        end(unit)
    assert answers[0] == answers[1]
    wrong = Unit.launch(sealed, 1, tmp_path / "log", bytes(32))
    with pytest.raises(ModelUnusableError, match="decrypted"):
        wrong.await_ready(60)
    end(wrong)
