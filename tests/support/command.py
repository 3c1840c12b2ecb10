"""The `lensmith` program in this process: what it does, without the second that a start takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from lensmith.cli import main

Done = subprocess.CompletedProcess[str]


def lensmith(environment: Mapping[str, str], *arguments: str | Path) -> Done:
    """Run a command with these variables; tests/cli/test_commands.py starts the program itself."""
    command = ["lensmith", *map(str, arguments)]
    status: object = 0
    with CliRunner().isolation(env={**environment}) as (stdout, stderr, _), _arguments(command):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        printed, complained = (stream.getvalue().decode() for stream in (stdout, stderr))
    assert isinstance(status, int), status
    return Done(command, status, printed, complained)


@contextmanager
def _arguments(command: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, command
    try:
        yield
    finally:
        sys.argv = before
