"""`lensmith serve` as a process of its own, for tests that need the real thing."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psutil
from botocore.config import Config
from tests.support.command import lensmith
from tests.support.empty_records import empty_records
from tests.support.eventually import until

from lensmith.cli.connection.profile import environment
from lensmith.config import Settings
from lensmith.domain.role import Role
from lensmith.store.internal_key import internal_key
from lensmith.store.internal_ports import InternalPorts, ports_file
from lensmith.store.lock import current_holder
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

BIN = Path(sys.executable).parent
TRAINING_BUDGET = "5"  # seconds, of shared servers
_SHARES = 8  # as many workers at once have ports of their own
_PORTS = range(15_000, 32_000)  # where the system takes none for outgoing connections

_given_ports: set[int] = set()
_giving = threading.Lock()


@dataclass
class LiveServer:
    """`lensmith serve` as a process, and what clients need to reach it."""

    home: Path
    port: int = 0
    s3_port: int = 0
    given: dict[str, str] = field(default_factory=dict)  # further LENSMITH_ variables
    wrapper: tuple[str, ...] = ()  # a program, with its arguments, that starts the server
    makes_records: bool = False  # else it finds the newest schema, without rows, in a new home
    process: subprocess.Popen[bytes] | None = None
    _exports: dict[str, dict[str, str]] = field(default_factory=dict)  # by user, until a start
    _clients: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and return when it answers; raises with the log when it ends instead."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._lay_records()
        self.port = self.port or free_port()
        self.s3_port = self.s3_port or free_port()
        self._exports.clear()
        self._clients.clear()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, str(BIN / "lensmith"), "serve"],
                env=self._lensmith_environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.home,
            )
        until(
            lambda: self._answers() or self._has_ended(),
            message=lambda: f"no answer, its log: {self.log.read_text()}",
        )
        assert not self._has_ended(), f"ended: {self.log.read_text()}"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def children(self, named: str = "") -> list[psutil.Process]:
        """Its processes whose command line holds that text."""
        children = psutil.Process(self.pid).children(recursive=True)
        return [child for child in children if named in command_line(child)]

    def run(self, *arguments: str) -> str:
        """What `lensmith <arguments>` prints about this server; raises CalledProcessError."""
        done = lensmith(self._lensmith_environment(), *arguments)
        done.check_returncode()
        return done.stdout

    def environment(self, user: str = "admin") -> dict[str, str]:
        """Everything the AWS CLI and boto3 need, and nothing of the machine's own AWS settings."""
        config = self.home / "aws-config"
        config.write_text("[default]\ns3 =\n    addressing_style = path\n")
        return {
            **self._lensmith_environment(),
            **self.exports(user),
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.home / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    @property
    def settings(self) -> Settings:
        """Those that the server reads."""
        return Settings.from_environment(self._lensmith_environment())

    def exports(self, user: str = "admin") -> dict[str, str]:
        """What `lensmith configure --env` exports: keys, region and addresses."""
        if user not in self._exports:
            self._exports[user] = environment(self.settings, user)
        return self._exports[user]

    def forget_keys(self, user: str) -> None:
        """Read the user's keys anew: another process has changed them."""
        self._exports.pop(user, None)
        self._clients = {key: client for key, client in self._clients.items() if key[1] != user}

    def create_user(self, name: str, *statements: dict[str, Any]) -> None:
        """Add a user of the first account, with a key and a policy of these statements."""
        records = Records.of(self.settings)
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        with records.write() as connection:
            arn = accounts.create_user(connection, self.settings.account_id, name, [policy])
            accounts.create_access_key(connection, arn)
        records.close()

    def rekognition(self, user: str = "admin", connections: int = 10) -> RekognitionClient:
        key = ("rekognition", user, connections)
        if key not in self._clients:
            endpoint = self.exports(user)["AWS_ENDPOINT_URL_REKOGNITION"]
            config = Config(retries={"total_max_attempts": 1}, max_pool_connections=connections)
            self._clients[key] = self._client("rekognition", user, endpoint, config)
        client: RekognitionClient = self._clients[key]
        return client

    def s3(self, user: str = "admin", port: int = 0) -> S3Client:
        """A client for the S3 port, or for another."""
        endpoint = f"http://127.0.0.1:{port or self.s3_port}"
        key = ("s3", user, endpoint)
        if key not in self._clients:
            config = Config(s3={"addressing_style": "path"}, signature_version="s3v4")
            self._clients[key] = self._client("s3", user, endpoint, config)
        client: S3Client = self._clients[key]
        return client

    def store_s3(self) -> S3Client:
        """A client past the gateway, of the store itself, as the server has it."""
        ports = InternalPorts.read(ports_file(self.settings))
        assert ports is not None
        records = Records.of(self.settings)
        key_id, secret = internal_key(records)
        records.close()
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{ports.s3}",
            region_name="us-east-1",
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
        )

    def _client(self, service: Any, user: str, endpoint: str, config: Config) -> Any:
        given = self.exports(user)
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=given["AWS_REGION"],
            aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
            config=config,
        )

    def _lensmith_environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "LENSMITH_"))
        }
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
            "LENSMITH_HOME": str(self.home / "data"),
            "LENSMITH_PORT": str(self.port),
            "LENSMITH_S3_PORT": str(self.s3_port),
            **self.given,
        }

    def _lay_records(self) -> None:
        """Spare a first start the migrations, a tenth of what it takes."""
        settings = self.settings
        if self.makes_records or settings.records_url or settings.data_directory.exists():
            return
        settings.data_directory.mkdir(mode=0o700, parents=True)
        file = settings.data_directory / "records.db"
        shutil.copyfile(empty_records(), file)
        file.chmod(0o600)

    def _has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def _answers(self) -> bool:
        holder = current_holder(self.home / "data")
        if holder is None or holder.pid != self.pid:
            return False
        if Role.API not in self.settings.roles:
            return True
        with socket.socket() as probe:
            return probe.connect_ex((self.settings.host, self.port)) == 0


@contextmanager
def running_server(home: Path, **given: str) -> Iterator[LiveServer]:
    """A server while the block runs; `given` are further variables."""
    live = LiveServer(home, given=given)
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


def command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def free_port() -> int:
    """A port that is free, from where the system takes none for outgoing connections.

    It is given once: one that nobody has bound yet looks free, and so does that of a server which
    a test has killed and starts again.
    """
    ports = own_share(_PORTS)
    while True:
        port = random.choice(ports)
        with _giving:
            if port in _given_ports:
                continue
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
                _given_ports.add(port)
                return port


def own_share(numbers: range) -> range:
    """Those of the numbers that no other worker of pytest-xdist has."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return numbers[worker % _SHARES :: _SHARES]
