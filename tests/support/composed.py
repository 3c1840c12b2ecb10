"""Runs the services of a compose file as processes, where there is no Docker.

Each has what its lines of the file say: command, environment, user, volumes, secrets, tmpfs, a
root that is read-only, no capabilities, an address in a network of their own, and the names of the
others. It wants root, unshare and ip. Instead of an image it sees this machine's files, through an
overlay that is thrown away, and Lensmith's virtual environment. All of it ends with the processes.
"""

from __future__ import annotations

import ctypes
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.support import cables
from tests.support.cables import Bridge
from tests.support.composed_service import Service
from tests.support.eventually import until
from tests.support.live_server import BIN

REPOSITORY = Path(__file__).parents[2]
_NEEDED = ("unshare", "nsenter", "setpriv", "ip", "mount", "chroot")
_CLONE_NEWNET = 0x40000000

# In namespaces of its own: waits until it is on the network, makes the root, becomes the user.
_START = """
read -r go
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs {root}
mkdir {root}/upper {root}/work {root}/merged
mount -t overlay -o lowerdir=/,upperdir={root}/upper,workdir={root}/work overlay {root}/merged
cd {root}/merged
for place in proc sys dev; do mount --rbind /$place $place; done
echo {account} >>etc/passwd
{mounts}
mount -o remount,ro{writable} .
exec chroot . {as_user} env -i --chdir={directory} {variables} {command}
"""


def read_compose_files(*files: Path, **variables: str) -> dict[str, Any]:
    """Docker Compose's own reading of files that are laid over one another."""
    program = shutil.which("docker-compose", path=f"{BIN}:{os.environ['PATH']}")
    if program is None:
        assert not os.environ.get("CI"), "CI has it, see .ci/tools"
        pytest.skip("docker-compose is not installed, .ci/tools brings it")
    named = [part for file in files for part in ("--file", str(file))]
    done = subprocess.run(
        [program, *named, "config", "--format", "json"],
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def is_possible() -> bool:
    return os.geteuid() == 0 and all(shutil.which(program) for program in _NEEDED)


@dataclass
class Composed:
    """The services of compose files in a network of their own."""

    content: dict[str, Any]
    home: Path  # of volumes and logs
    programs: tuple[str, ...] = ()  # further folders of programs
    services: dict[str, Service] = field(default_factory=dict)
    _hub: subprocess.Popen[bytes] | None = None
    _bridge: Bridge | None = None
    _length: int = 24  # of the network's prefix

    @classmethod
    @contextmanager
    def of(
        cls, files: Sequence[Path], home: Path, network: str, programs: tuple[str, ...] = ()
    ) -> Iterator[Composed]:
        """Read the files and make their network; what was started ends with the block."""
        made = cls(read_compose_files(*files), home, programs)
        for name, service in made.content["services"].items():
            address = service["networks"][network]["ipv4_address"]
            made.services[name] = Service(name, service, address)
        made._open(made.content["networks"][network])
        try:
            yield made
        finally:
            made._close()

    def start(self, name: str) -> Service:
        """Start it once what it depends on is healthy; returns when it is so itself."""
        service = self.services[name]
        for other in service.given.get("depends_on", {}):
            if self.services[other].process is None:
                self.start(other)
        self._spawn(service)
        self.await_health(name)
        return service

    def await_health(self, name: str) -> None:
        """Return when its health check passes; at once where it has none."""
        service = self.services[name]
        check = service.given.get("healthcheck", {}).get("test")
        if check is not None:
            assert check[0] == "CMD"
            until(lambda: self._is_healthy(service, check[1:]), message=self.log(name), pause=0.3)

    def log(self, name: str) -> str:
        file = self.home / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def run(self, name: str, *command: str, given: bytes = b"") -> bytes:
        """What a command prints in the service's place, as by `docker compose exec`."""
        done = self._exec(self.services[name], [*command], given)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def forget(self, name: str) -> None:
        """Empty the volumes of a service that has ended."""
        for volume in self.services[name].given.get("volumes", ()):
            if volume["type"] == "volume":
                shutil.rmtree(self.home / "volumes" / volume["source"], ignore_errors=True)

    def volume(self, name: str) -> Path:
        """The folder of a volume of Lensmith."""
        return self._folder(name, "7400:7400")

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """Have this thread's new connections begin in the service's network."""
        with Path("/proc/thread-self/ns/net").open() as before:
            with Path(f"/proc/{self.services[name].pid}/ns/net").open() as there:
                _enter(there.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def _spawn(self, service: Service) -> None:
        root = self.home / "roots" / service.name
        root.mkdir(parents=True, exist_ok=True)
        script = _START.format(
            root=root,
            account=service.account,
            mounts="\n".join(self._mounts(service)),
            writable="" if service.given.get("read_only") else ",rw",
            as_user=shlex.join(service.as_user),
            directory=service.given.get("working_dir", "/"),
            variables=shlex.join(f"{key}={value}" for key, value in self._variables(service)),
            command=shlex.join([*service.command]),
        )
        with (self.home / f"{service.name}.log").open("ab") as log:
            service.process = subprocess.Popen(
                ["unshare", "--net", "--mount", "sh", "-euc", script],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self._connect(service)
        assert service.process.stdin is not None
        with service.process.stdin as told:
            told.write(b"go\n")

    def _mounts(self, service: Service) -> Iterator[str]:
        """Commands that give it what it sees beside this machine's files, in its root."""
        user = service.given.get("user", "0:0")
        programs = (Path(sys.base_prefix), REPOSITORY, Path(sys.prefix))
        for program in programs:
            for folder in (program, *program.parents):
                yield f"chmod a+rx .{folder}"  # in the overlay
        for volume in service.given.get("volumes", ()):
            source = volume["source"]
            is_file = volume["type"] == "bind"
            yield from _bound(
                Path(source) if is_file else self._folder(source, user), volume["target"]
            )
        for secret in service.given.get("secrets", ()):
            file = Path(self.content["secrets"][secret["source"]]["file"])
            yield from _bound(file, secret["target"])
        yield from _bound(self.home / "hosts", "/etc/hosts")
        for target in service.given.get("tmpfs", ()):
            yield f"mkdir -p .{target}; mount -t tmpfs -o mode=1777 tmpfs .{target}"
            for program in programs:
                if program.is_relative_to(target):
                    yield from _bound(program, str(program))

    def _folder(self, volume: str, user: str) -> Path:
        """Make the folder of a volume, its user's as in the image."""
        folder = self.home / "volumes" / volume
        folder.mkdir(parents=True, exist_ok=True)
        owner, group = map(int, user.split(":"))
        os.chown(folder, owner, group)
        folder.chmod(0o700)
        return folder

    def _variables(self, service: Service) -> Iterator[tuple[str, str]]:
        path = (str(BIN), *self.programs, "/usr/sbin", "/usr/bin", "/sbin", "/bin")
        yield from {
            "PATH": ":".join(path),
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "HOME": "/home/lensmith",
            "LANG": "C.UTF-8",
            **{key: str(value) for key, value in service.environment.items()},
        }.items()

    def _is_healthy(self, service: Service, check: list[str]) -> bool:
        assert service.process is not None
        assert service.process.poll() is None, self.log(service.name)
        return self._exec(service, check).returncode == 0

    def _exec(
        self, service: Service, command: list[str], given: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        variables = [f"{key}={value}" for key, value in self._variables(service)]
        enter = ["nsenter", "--target", str(service.pid), "--net", "--mount", "--root", "--wd"]
        inner = [*service.as_user, "env", "-i", *variables, *command]
        return subprocess.run([*enter, *inner], capture_output=True, input=given)

    def _open(self, network: Mapping[str, Any]) -> None:
        """Make the network: a bridge in a namespace that lives as long as a process."""
        names = "".join(f"{one.address} {one.name}\n" for one in self.services.values())
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "hosts").write_text(f"127.0.0.1 localhost\n{names}")
        (self.home / "hosts").chmod(0o644)
        self._length = ip_network(network["ipam"]["config"][0]["subnet"]).prefixlen
        self._hub = subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", "unshare", "--net", "sleep", "infinity"]
        )
        until(lambda: _has_own_network(self._hub))
        self._bridge = Bridge(cables.of_process(self._hub.pid), "bridge")
        self._bridge.add()
        self._bridge.open()

    def _connect(self, service: Service) -> None:
        assert self._bridge is not None
        until(lambda: _has_own_network(service.process))
        # As Docker has it: the same for one address, so that others find it after a restart.
        mac = "02:42:" + ip_address(service.address).packed.hex(":")
        space, address = cables.of_process(service.pid), f"{service.address}/{self._length}"
        cables.lay(self._bridge, f"to{service.pid}", space, "eth0", address, mac)

    def _close(self) -> None:
        for service in reversed(self.services.values()):
            if service.process is not None and service.process.poll() is None:
                service.process.kill()
        for service in self.services.values():
            if service.process is not None:
                service.process.wait(60)
        if self._hub is not None:
            self._hub.kill()
            self._hub.wait(60)


def _bound(source: Path, target: str) -> Iterator[str]:
    place = "mkdir -p" if source.is_dir() else "touch"
    yield f"mkdir -p .{Path(target).parent}; {place} .{target}; mount --bind {source} .{target}"


def _has_own_network(process: subprocess.Popen[bytes] | None) -> bool:
    assert process is not None
    assert process.poll() is None
    there, here = Path(f"/proc/{process.pid}/ns/net"), Path("/proc/self/ns/net")
    return there.readlink() != here.readlink()


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
