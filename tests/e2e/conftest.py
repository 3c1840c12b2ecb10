"""Users of the shared server."""

from __future__ import annotations

import pytest
from tests.e2e.lab import Lab
from tests.live_server import LiveServer


@pytest.fixture(scope="session")
def lab(server: LiveServer) -> Lab:
    return Lab.open(server)
