"""Lays cables between network namespaces: an end in one, and the other on a bridge of another."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Space:
    """A network namespace, for `ip`."""

    wrapper: tuple[str, ...] = ()  # a program, with its arguments, that enters it
    name: str = ""  # as `ip` has it: of a namespace, or a process

    def ip(self, *words: str) -> None:
        command = [*self.wrapper, ip_program(), *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


OUTSIDE = Space()
"""Where the tests run."""


def of_process(pid: int) -> Space:
    """Return the namespace in which a process is."""
    return Space(("nsenter", "--target", str(pid), "--net"), str(pid))


def named(name: str) -> Space:
    return Space((ip_program(), "netns", "exec", name), name)


@dataclass(frozen=True)
class Bridge:
    space: Space
    name: str

    def add(self) -> None:
        """Make it; fails where one of that name is there."""
        self.space.ip("link", "add", "name", self.name, "type", "bridge")

    def open(self, address: str = "") -> None:
        """Let it pass packets, with an address of its own if one is given."""
        if address:
            self.space.ip("addr", "add", address, "dev", self.name)
        self.space.ip("link", "set", self.name, "up")


def lay(bridge: Bridge, outer: str, space: Space, inner: str, address: str, mac: str = "") -> None:
    """Connect a namespace to a bridge; `address` has the length of its prefix.

    `outer` and `inner` name the ends of the cable, `mac` is of the inner one.
    """
    own = ["address", mac] if mac else []
    ends = ["type", "veth", "peer", "name", inner, *own, "netns", space.name]
    bridge.space.ip("link", "add", outer, *ends)
    bridge.space.ip("link", "set", outer, "master", bridge.name, "up")
    space.ip("link", "set", "lo", "up")
    space.ip("addr", "add", address, "dev", inner)
    space.ip("link", "set", inner, "up")


def ip_program() -> str:
    return shutil.which("ip") or "/usr/sbin/ip"
