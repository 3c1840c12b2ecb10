"""A PostgreSQL server for the tests, on a Unix socket, and databases of their own in it.

`python -m tests.support.postgresql COMMAND ...` runs a command, of `make test` for example, whose
tests share one server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from tests.support.postgresql_folder import postgresql_folder

from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

VARIABLE = "TESTS_POSTGRESQL"
"""Names the SQLAlchemy URL of a server that runs."""

_SETTINGS = (
    "-c listen_addresses='' -c fsync=off -c max_connections=300"
    " -c max_wal_size=64MB -c min_wal_size=32MB -c checkpoint_warning=0"
    " -c full_page_writes=off -c autovacuum=off"  # a hundred databases live for a test each
)
_INITDB = ("--auth", "trust", "-U", "lensmith", "--encoding", "UTF8")
_NOBODY = 65534


def is_installed() -> bool:
    return None not in (_program("initdb"), _program("pg_ctl"), shutil.which("setpriv"))


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The SQLAlchemy URL of a server: the one that runs already, or one for this block."""
    if VARIABLE in os.environ:
        yield os.environ[VARIABLE]
        return
    with stoppable_postgresql() as server:
        yield server.url


@dataclass(frozen=True)
class Postgresql:
    """A PostgreSQL server of its own, which can be away for a while."""

    url: str
    control: tuple[str, ...]  # pg_ctl's command line, without what it is to do
    options: tuple[str, ...]  # of a start

    def start(self) -> None:
        _run([*self.control, "start", "-w", *self.options])

    def stop(self) -> None:
        _run([*self.control, "stop", "-m", "immediate"])


@contextmanager
def stoppable_postgresql() -> Iterator[Postgresql]:
    """One that has been started, stopped again at the end if it runs."""
    # PostgreSQL refuses to run as root; nobody else may enter pytest's own directories.
    as_nobody = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    prefix = as_nobody if os.getuid() == 0 else []
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    assert initdb, "PostgreSQL is not installed"
    assert pg_ctl
    with postgresql_folder() as directory:
        if prefix:
            shutil.chown(directory, _NOBODY, _NOBODY)
        data = str(directory / "data")
        _run([*prefix, initdb, "-D", data, "--no-sync", *_INITDB])
        server = Postgresql(
            f"postgresql+psycopg://lensmith@/postgres?host={directory}",
            (*prefix, pg_ctl, "-D", data),
            ("-l", f"{directory}/log", "-o", f"-k {directory} {_SETTINGS}"),
        )
        server.start()
        try:
            yield server
        finally:
            if Path(data, "postmaster.pid").exists():
                server.stop()


@contextmanager
def database(server: str, template: str = "template0", options: str = "") -> Iterator[str]:
    """The URL of a new database, empty or a copy, which is dropped again."""
    name = f"records_{uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template} {options}")
    try:
        yield _named(server, name)
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def migrated_template(server: str) -> Iterator[str]:
    """The name of a database with the newest schema, to copy from."""
    with database(server) as url:
        records = Records.open(url)
        migrate(records)
        records.close()
        yield url.split("/")[3].split("?")[0]


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


def _execute(server: str, statement: str) -> None:
    # Not by SQLAlchemy, whose engine asks a dozen things before its first statement.
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())


def _program(name: str) -> str | None:
    """Find a program that Debian keeps out of PATH."""
    places = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *places]))


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60)


if __name__ == "__main__":
    with postgresql_server() as url:
        status = subprocess.call(sys.argv[1:], env={**os.environ, VARIABLE: url})
    sys.exit(status)
