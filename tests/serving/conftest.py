"""A fleet over real records and real worker processes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.serving.machine import EventLoop, Machine

from lensmith.config import Settings
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate


@pytest.fixture
def event_loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.stop()


@pytest.fixture
def machine(tmp_path: Path, event_loop: EventLoop) -> Iterator[Machine]:
    settings = Settings(data_directory=tmp_path)
    records = Records.of(settings)
    migrate(records)
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
