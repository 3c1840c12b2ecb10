"""The wheel holds all of the package, and its program serves from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.support.eventually import until
from tests.support.live_server import BIN, free_port

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the build backend that is installed: `make install` has built one in isolation."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--check-build-dependencies"]
    options += ["--quiet", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(REPOSITORY)], check=True)
    (built,) = folder.glob("lensmith-*.whl")
    return built


def test_the_wheel_holds_the_package_the_console_and_the_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    listed = subprocess.run(
        ["git", "ls-files", "src/lensmith"], cwd=REPOSITORY, capture_output=True, text=True
    )
    ours = {name.removeprefix("src/") for name in listed.stdout.split()}
    assert ours
    assert ours - names == set()
    assert "lensmith/console/index.html" in names
    assert [name for name in names if name.endswith("dist-info/licenses/LICENSE")]


def test_an_installed_wheel_serves_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    """In an environment whose dependencies are this one's."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    port = free_port()
    variables = {
        "HOME": str(tmp_path),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "LENSMITH_HOME": str(tmp_path / "data"),
        "LENSMITH_PORT": str(port),
        "LENSMITH_S3_PORT": str(free_port()),
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [environment / "bin" / "lensmith", "serve"],
            cwd="/",
            env=variables,
            stdout=output,
            stderr=output,
        )
    try:
        until(lambda: _page(port) or serving.poll() is not None, message=log.read_text)
        assert serving.poll() is None, log.read_text()
        assert b"<html" in _page(port)
        code = "import lensmith, lensmith.training.job.run; print(lensmith.__file__)"
        done = subprocess.run([python, "-c", code], cwd="/", env=variables, capture_output=True)
        assert str(packages) in done.stdout.decode(), done.stderr.decode()
    finally:
        serving.terminate()
        assert serving.wait(60) == 0, log.read_text()


def _page(port: int) -> bytes:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=10) as reply:
            page: bytes = reply.read()
            return page
    except OSError:
        return b""
