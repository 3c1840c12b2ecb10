"""`make clean` asks before it deletes data; `make quickstart` installs what it needs."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.architecture.sources import REPOSITORY


@pytest.mark.parametrize(
    ("answer", "stays"), [(None, True), ("\n", True), ("n\n", True), ("y\n", False)]
)
def test_clean_asks_before_it_deletes_data(tmp_path: Path, answer: str | None, stays: bool) -> None:
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / "lensmith-data").mkdir()
    (tmp_path / ".venv").mkdir()
    if answer is None:
        subprocess.run(["make", "clean"], cwd=tmp_path, stdin=subprocess.DEVNULL, check=True)
    else:
        ours, its = pty.openpty()
        os.write(ours, answer.encode())
        subprocess.run(["make", "clean"], cwd=tmp_path, stdin=its, check=True)
        os.close(ours)
        os.close(its)
    assert (tmp_path / "lensmith-data").exists() is stays
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("target", "extras"), [("quickstart", "cli,openvino,video"), ("test", "dev")]
)
def test_quickstart_installs_less_than_the_tests_need(
    tmp_path: Path, target: str, extras: str
) -> None:
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    said = subprocess.run(
        ["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"--editable '\.\[(.*)\]'", said)[0] == extras


@pytest.mark.parametrize("coverage", ["yes", "no"])
def test_every_test_runs_once(tmp_path: Path, coverage: str) -> None:
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    (tmp_path / ".venv").mkdir()
    for done in ("pyproject.toml", ".venv/.runnable", ".venv/.installed"):
        (tmp_path / done).touch()
    said = subprocess.run(
        ["make", "--dry-run", "test", f"COVERAGE={coverage}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"pytest .* -m (slow|\"not slow\")", said) == ["slow", '"not slow"']
