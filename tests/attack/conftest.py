"""An attacked server, and how many inputs it is sent: `pytest tests/attack --attack-inputs N`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.attack.attack import Attack
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.store.records.engine import Records

_OPTION = "--attack-inputs"
_FEW = 1100


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(_OPTION, type=int, default=_FEW, help="requests of tests/attack, all together")


@pytest.fixture(scope="module")
def attack_inputs(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption(_OPTION, _FEW))


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    given = {
        "LENSMITH_QUOTA_CONCURRENT_TRAININGS": "1",
        "LENSMITH_AUDIT_DATA_EVENTS": "detections,objects,console",
    }
    server = LiveServer(tmp_path_factory.mktemp("attack"), given=given)
    server.start()
    records = Records.of(Settings(server.home / "data"))
    made = Attack.on(server, records)
    records.close()
    yield made
    made.target.close()
    assert server.stop() == 0
