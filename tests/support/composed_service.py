"""A service of a compose file as a process: what it runs, and as whom."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Of PostgreSQL's image, as far as the file counts on it.
_POSTGRES = """
PGDATA=/var/lib/postgresql/data
if ! test -s $PGDATA/PG_VERSION; then
  initdb --no-sync -D $PGDATA -U $POSTGRES_USER --pwfile=$POSTGRES_PASSWORD_FILE \\
    $POSTGRES_INITDB_ARGS
  echo "host all all all scram-sha-256" >>$PGDATA/pg_hba.conf
  echo "CREATE DATABASE $POSTGRES_DB" | postgres --single -F -D $PGDATA postgres >/dev/null
fi
exec "$@" -D $PGDATA -c listen_addresses='*' -c fsync=off
"""


@dataclass
class Service:
    """A service of a compose file, and its process."""

    name: str
    given: Mapping[str, Any]
    address: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.given.get("environment", {}))

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    @property
    def account(self) -> str:
        """A line of passwd: PostgreSQL wants its user to have a name."""
        return f"{self.name}:x:{self.given.get('user', '0:0')}::/home/lensmith:/bin/sh"

    @property
    def as_user(self) -> list[str]:
        """The command in front of others that makes them the user's, without capabilities."""
        user, group = self.given.get("user", "0:0").split(":")
        options = [f"--reuid={user}", f"--regid={group}", "--clear-groups", "--pdeathsig=KILL"]
        if "ALL" in self.given.get("cap_drop", ()):
            options += ["--bounding-set=-all", "--inh-caps=-all"]
        if "no-new-privileges:true" in self.given.get("security_opt", ()):
            options.append("--no-new-privs")
        return ["setpriv", *options]

    @property
    def command(self) -> list[str]:
        """What it runs, after the entry point of its image."""
        is_postgres = self.given["image"].startswith("postgres:")
        entry = ["sh", "-euc", _POSTGRES, "sh"] if is_postgres else []
        return [*entry, *self.given["command"]]
