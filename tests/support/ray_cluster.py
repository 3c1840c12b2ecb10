"""A Ray cluster of processes: a head with a token, and nodes that can be killed.

All are on this machine's loopback, or each in a namespace of its own (`tests.support.namespaces`).
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from tests.support.eventually import until
from tests.support.live_server import BIN, command_line, own_share
from tests.support.namespaces import Namespace

_SCRIPTS = Path(__file__).parents[2] / "deploy" / "ray"
_STARTED = "Ray runtime started"
_TOO_SLOW = "timed out during startup"  # after 30 seconds, which no setting of Ray's changes
_STARTS = 3
_FIRST_PORTS = range(10_000, 14_900, 100)  # where the system takes none for outgoing connections
_PORTS = 40  # of a cluster
_OWN_PORT = 6400  # the first of a machine that has all ports for itself
_CLIENT, _HEAD = 6, 7  # of a head's ports, after the six of its agents


@dataclass(frozen=True)
class Place:
    """Where a head or a node is started."""

    address: str
    first_port: int
    wrapper: tuple[str, ...] = ()  # a program, with its arguments, that starts it there
    options: tuple[str, ...] = ()


@dataclass
class RayMachine:
    """A head or a node: what stands for one machine."""

    process: subprocess.Popen[bytes]
    log: Path
    home: Path  # of Lensmith's processes on it

    def processes(self, named: str = "") -> list[psutil.Process]:
        """Return those whose command line holds that text."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in found if named in command_line(one)]

    def kill(self) -> None:
        """End all of its processes at once, as a machine does that loses its power."""
        for one in [*self.processes(), psutil.Process(self.process.pid)]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()


@dataclass
class RayCluster:
    folder: Path
    place: Callable[[int], Place]  # of the head, 0, and of nodes
    environment: dict[str, str]  # of its processes
    head: RayMachine | None = None
    nodes: list[RayMachine] = field(default_factory=list)

    @property
    def address(self) -> str:
        head = self.place(0)
        return f"ray://{head.address}:{head.first_port + _CLIENT}"

    @property
    def token_file(self) -> Path:
        return self.folder / "token"

    def start_head(self) -> None:
        given = {
            "RAY_HEAD_PORT": str(self.place(0).first_port + _HEAD),
            "RAY_CLIENT_PORT": str(self.place(0).first_port + _CLIENT),
            "RAY_HEAD_DIRECTORY": str(self.folder / "head-state"),
        }
        # Else Ray takes a node of this machine for a head that still runs.
        (self.folder / "ray" / "ray_current_cluster").unlink(missing_ok=True)
        self.head = self._start("head", 0, given, ["--temp-dir", str(self.folder / "ray")])

    def start_node(self, processors: int = 2) -> RayMachine:
        """Start one more node, which has that many processors for Ray."""
        head = self.place(0)
        given = {"RAY_HEAD": f"{head.address}:{head.first_port + _HEAD}"}
        options = ["--num-cpus", str(processors)]
        node = self._start("node", len(self.nodes) + 1, given, options)
        self.nodes.append(node)
        return node

    def stop(self) -> None:
        for one in [*self.nodes, *([self.head] if self.head else [])]:
            if one.process.poll() is None:
                one.kill()

    def _start(
        self, script: str, number: int, given: Mapping[str, str], options: list[str]
    ) -> RayMachine:
        place = self.place(number)
        home = self.folder / f"{script}-{number}"
        log = self.folder / f"{script}-{number}.log"
        environment = {
            **self.environment,
            **given,
            "RAY_AUTH_TOKEN_PATH": str(self.token_file),
            "RAY_NODE_ADDRESS": place.address,
            "RAY_FIRST_PORT": str(place.first_port),
            "LENSMITH_HOME": str(home),
        }
        argv = [*place.wrapper, str(_SCRIPTS / script), *options, *place.options]
        for _ in range(_STARTS):
            process = _started(argv, environment, log)
            if process.poll() is None or _TOO_SLOW not in log.read_text():
                break
        assert process.poll() is None, log.read_text()
        return RayMachine(process, log, home)


@contextmanager
def ray_cluster(
    given: Mapping[str, str], machines: Sequence[Namespace] = ()
) -> Iterator[RayCluster]:
    """Start a head, `given` in the environment of all processes; the caller starts nodes.

    `machines` are for the head and for each node; without them all share the loopback.
    """
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # a path that sockets can have
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LENSMITH_", "RAY_"))
    }
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    place = _in_namespaces(machines) if machines else _on_loopback()
    cluster = RayCluster(folder, place, {**kept, **given, "PATH": path})
    cluster.token_file.touch(0o600)
    cluster.token_file.write_text(secrets.token_hex(32))
    try:
        cluster.start_head()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _in_namespaces(machines: Sequence[Namespace]) -> Callable[[int], Place]:
    def place(number: int) -> Place:
        return Place(machines[number].machines.address, _OWN_PORT, machines[number].enter)

    return place


def _on_loopback() -> Callable[[int], Place]:
    # Ray replaces 127.0.0.1 by another address.
    network = f"127.{random.randrange(64, 128)}.{random.randrange(256)}"
    first = _free_ports()
    # Several on one machine: free ports for their workers.
    options = ("--min-worker-port=0", "--max-worker-port=0")

    def place(number: int) -> Place:
        return Place(f"{network}.{2 + number}", first + 10 * number, options=options)

    return place


def _started(argv: list[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process; returns when it has started its own, or has ended."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    until(lambda: _STARTED in log.read_text() or process.poll() is not None)
    return process


def _free_ports() -> int:
    """Find the first of the ports of a cluster, all of them free and no other worker's."""
    while True:
        first = random.choice(own_share(_FIRST_PORTS))
        with suppress(OSError):
            for port in range(first, first + _PORTS):
                with socket.create_server(("", port)):
                    pass
            return first
