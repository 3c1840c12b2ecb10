"""`lensmith` and `aws` in this process: what they do, without the second that a start takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from lensmith.cli import main

Done = subprocess.CompletedProcess[str]


def lensmith(environment: Mapping[str, str], *arguments: str | Path) -> Done:
    """Run a command with these variables; tests/cli/test_commands.py starts the program itself."""
    command = ["lensmith", *map(str, arguments)]
    status: object = 0
    with (
        only(environment),
        CliRunner().isolation() as (stdout, stderr, _),
        _arguments(command),
    ):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        printed, complained = (stream.getvalue().decode() for stream in (stdout, stderr))
    assert isinstance(status, int), status
    return Done(command, status, printed, complained)


def program(environment: Mapping[str, str], *arguments: str | Path) -> Done:
    """Start the program itself: threads of the test may read the environment meanwhile."""
    return subprocess.run(
        [Path(sys.executable).with_name("lensmith"), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def aws(environment: Mapping[str, str], *arguments: str | Path) -> Done:
    """Run the AWS CLI with these variables alone; tests/api/test_app.py starts the program."""
    command = ["aws", *map(str, arguments)]
    with CliRunner().isolation() as (stdout, stderr, _), only(environment):
        with warnings.catch_warnings():
            warnings.simplefilter("default")  # those of the AWS CLI are not ours
            status = _aws_driver().main(command[1:])
        sys.stdout.flush()
        sys.stderr.flush()
        printed, complained = (stream.getvalue().decode() for stream in (stdout, stderr))
    return Done(command, status, printed, complained)


def aws_answer(environment: Mapping[str, str], *arguments: str | Path) -> Any:
    """The JSON that the AWS CLI prints, None where it prints nothing; it must succeed."""
    done = aws(environment, "--output", "json", *arguments)
    assert done.returncode == 0, f"{done.args}: {done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else None


def _aws_driver() -> Any:
    """One for each command; its package tells botocore where its data is, once, when imported."""
    import awscli

    data = Path(awscli.__file__).with_name("data")
    os.environ["AWS_DATA_PATH"] = str(data)
    from awscli.clidriver import create_clidriver

    return create_clidriver()


@contextmanager
def only(environment: Mapping[str, str]) -> Iterator[None]:
    """Have these variables and no others while the block runs."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _arguments(command: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, command
    try:
        yield
    finally:
        sys.argv = before
