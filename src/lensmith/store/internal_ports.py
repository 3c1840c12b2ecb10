"""Chooses SeaweedFS's internal ports, free and the same at each start."""

from __future__ import annotations

import socket
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from typing import Self

import msgspec

from lensmith.config import Settings
from lensmith.store.files import write_atomically


@dataclass(frozen=True, slots=True)
class InternalPorts:
    """Loopback ports of SeaweedFS's parts."""

    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int
    s3: int
    s3_grpc: int

    @classmethod
    def choose(cls, remembered: Path) -> Self:
        """Return the ports in the file `remembered` if all are free, else write new ones to it.

        The master finds its own state by its port: with the same one a start takes two seconds,
        with a new one three.
        """
        ports = cls.read(remembered)
        if ports is None or not all(is_free("127.0.0.1", port) for port in astuple(ports)):
            ports = cls(*_free_ports(len(fields(cls))))
            write_atomically(remembered, msgspec.json.encode(asdict(ports)), mode=0o600)
        return ports

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read the ports of the last start; None without one."""
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None


def ports_file(settings: Settings) -> Path:
    return settings.run_directory / "seaweed" / "ports.json"


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
