"""Machines of a cluster as network namespaces of this one, whose links can be cut.

Each has two links: `machines`, where clients, servers and the S3 are, and `database`, where
PostgreSQL alone is. What runs outside of them is at `Network.outside` of each. Whatever a test
starts in one (a server, a Ray node) it starts by `Namespace.enter`.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import cables
from tests.support.cables import OUTSIDE, ip_program


@dataclass(frozen=True)
class Network:
    """A bridge outside of the namespaces."""

    bridge: str
    prefix: str  # of its addresses

    @property
    def outside(self) -> str:
        """Return the address of this machine in it."""
        return f"{self.prefix}.1"


@dataclass(frozen=True)
class Link:
    """A namespace's cable to a network."""

    outer_end: str
    address: str

    def cut(self) -> None:
        OUTSIDE.ip("link", "set", self.outer_end, "down")

    def mend(self) -> None:
        OUTSIDE.ip("link", "set", self.outer_end, "up")


@dataclass(frozen=True)
class Namespace:
    """A machine of its own, as far as the network goes."""

    name: str
    machines: Link
    database: Link

    @property
    def enter(self) -> tuple[str, ...]:
        """Return the command that starts another one in it."""
        return cables.named(self.name).wrapper


@dataclass(frozen=True)
class Cluster:
    """Namespaces that reach each other, and this machine."""

    machines: Network
    database: Network
    namespaces: list[Namespace]


def refusal() -> str | None:
    """Return why there can be no namespaces here; None where there can be."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not Path(ip_program()).exists():
        return "iproute2 is not installed"
    name = f"lensmith-{os.getpid()}"
    tried = subprocess.run([ip_program(), "netns", "add", name], capture_output=True, text=True)
    if tried.returncode:
        return f"network namespaces are not permitted: {tried.stderr.strip()}"
    OUTSIDE.ip("netns", "del", name)
    return None


@contextmanager
def cluster_of_namespaces(count: int) -> Iterator[Cluster]:
    """Make namespaces that reach each other, and take them away again."""
    number = _free_number()
    with ExitStack() as made:
        machines, database = (
            made.enter_context(_network(f"lm{number}{letter}", f"10.{part}.{number}"))
            for letter, part in (("m", 231), ("d", 232))
        )
        namespaces = [
            made.enter_context(_namespace(f"lm{number}n{one}", one + 2, machines, database))
            for one in range(count)
        ]
        yield Cluster(machines, database, namespaces)


def _free_number() -> int:
    """Draw a number for names and addresses that no other test, running or killed, has."""
    taken = {device.name for device in Path("/sys/class/net").iterdir()}
    return random.choice([one for one in range(1, 255) if f"lm{one}m" not in taken])


@contextmanager
def _network(bridge: str, prefix: str) -> Iterator[Network]:
    network, made = Network(bridge, prefix), cables.Bridge(OUTSIDE, bridge)
    made.add()  # another worker that drew the same number keeps its own
    try:
        made.open(f"{network.outside}/24")
        yield network
    finally:
        OUTSIDE.ip("link", "del", bridge)


@contextmanager
def _namespace(name: str, host: int, machines: Network, database: Network) -> Iterator[Namespace]:
    OUTSIDE.ip("netns", "add", name)
    try:
        links = [_link(name, host, network) for network in (machines, database)]
        yield Namespace(name, *links)
    finally:
        OUTSIDE.ip("netns", "del", name)  # with its end of each cable, and so the other


def _link(namespace: str, host: int, network: Network) -> Link:
    outer, address = f"{network.bridge}{host}", f"{network.prefix}.{host}"
    bridge = cables.Bridge(OUTSIDE, network.bridge)
    cables.lay(bridge, outer, cables.named(namespace), f"{network.bridge}i", f"{address}/24")
    return Link(outer, address)
