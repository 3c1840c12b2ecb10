"""Users of the shared server and of servers that are killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.e2e.lab import Lab
from tests.support.live_server import TRAINING_BUDGET, LiveServer
from tests.support.postgresql import database


@pytest.fixture(scope="session")
def lab(server: LiveServer) -> Lab:
    return Lab.open(server)


@pytest.fixture(scope="module")
def killed_lab(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """A user of a server that the tests of one module kill and start again.

    Its records are in SQLite, or in what `parametrize` says.
    """
    with ExitStack() as opened:
        given = {
            "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
            "LENSMITH_TRAINING_THREADS": "1",
            "LENSMITH_PRECISION": "float32",
        }
        if getattr(request, "param", "sqlite") == "postgresql":
            postgresql = request.getfixturevalue("postgresql")
            given["LENSMITH_RECORDS_URL"] = opened.enter_context(database(postgresql))
        server = LiveServer(tmp_path_factory.mktemp("killed"), given=given)
        server.start()
        yield Lab.open(server)
        assert server.stop() == 0, server.log.read_text()
