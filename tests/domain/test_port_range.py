from __future__ import annotations

import pytest

from lensmith.config import Settings
from lensmith.domain.port_range import PortRange


def test_a_range_is_read_and_written() -> None:
    given = PortRange.parse(" 7500 - 7502 ")
    assert given == PortRange(7500, 7502)
    assert str(given) == "7500-7502"
    assert PortRange.parse("") is None


@pytest.mark.parametrize("text", ["7500", "7502-7500", "0-10", "7500-65536", "a-b", "7500-7501-2"])
def test_what_is_no_range_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="LENSMITH_UNITS_PORTS must be two ports"):
        Settings.from_environment({"LENSMITH_UNITS_PORTS": text})


def test_child_processes_are_given_the_range() -> None:
    settings = Settings.from_environment({"LENSMITH_UNITS_PORTS": "7500-7502"})
    assert Settings.from_environment(settings.to_environment()) == settings
    assert Settings.from_environment({}).to_environment()["LENSMITH_UNITS_PORTS"] == ""


def test_each_port_comes_once() -> None:
    assert sorted(PortRange(7500, 7509).in_turn()) == list(range(7500, 7510))
