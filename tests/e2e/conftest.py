"""Users of the shared server and of servers that are killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.lab import Lab
from tests.support.live_server import LiveServer


@pytest.fixture(scope="session")
def lab(server: LiveServer) -> Lab:
    return Lab.open(server)


@pytest.fixture(scope="module")
def killed_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A user of a server that the tests of one module kill and start again."""
    server = LiveServer(tmp_path_factory.mktemp("killed"))
    server.start()
    yield Lab.open(server)
    assert server.stop() == 0, server.log.read_text()
