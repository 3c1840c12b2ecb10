"""A fleet over real records and real worker processes."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.serving.machine import EventLoop, Machine

from lensmith.config import Settings
from lensmith.store.records.engine import Records


@pytest.fixture
def event_loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.stop()


@pytest.fixture
def machine(tmp_path: Path, event_loop: EventLoop, empty_records: Path) -> Iterator[Machine]:
    settings = Settings(data_directory=tmp_path)
    shutil.copy(empty_records, tmp_path)
    records = Records.of(settings)
    machine = Machine(settings, records, event_loop)
    machine.fleet.start()
    yield machine
    machine.fleet.stop()
    records.close()


@pytest.fixture(scope="session")
def red() -> bytes:
    """A JPEG file that is pure red."""
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), (255, 0, 0)).save(buffer, "JPEG")
    return buffer.getvalue()
