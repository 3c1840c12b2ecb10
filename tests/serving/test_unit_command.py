"""The ports on which units listen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.support.live_server import free_port

from lensmith.domain.port_range import PortRange
from lensmith.serving.unit_command import InheritedOptions, Listening


@pytest.fixture
def options() -> Iterator[InheritedOptions]:
    with ExitStack() as child_ends:
        yield InheritedOptions(child_ends)


def listening(ports: PortRange | None) -> Listening:
    return Listening("127.0.0.1", b"credentials", 1, ports)


def test_a_unit_listens_in_the_range_until_all_of_it_is_taken(options: InheritedOptions) -> None:
    port = free_port()
    assert options.add_listening(listening(PortRange(port, port))) == port
    with pytest.raises(OSError, match=f"LENSMITH_UNITS_PORTS, {port}-{port}, is taken"):
        options.add_listening(listening(PortRange(port, port)))


def test_a_taken_port_is_passed_over(options: InheritedOptions) -> None:
    first = free_port()
    ports = PortRange(first, first + 15)
    taken = {options.add_listening(listening(ports)) for _ in range(3)}
    assert len(taken) == 3
    assert taken <= set(ports.in_turn())
    assert all(os.get_inheritable(one) is False for one in options.descriptors)


def test_an_address_that_is_not_of_this_machine_is_named_as_such(options: InheritedOptions) -> None:
    foreign = Listening("192.0.2.1", b"", 1, PortRange(7500, 7599))  # for documentation
    with pytest.raises(OSError, match="assign"):
        options.add_listening(foreign)
