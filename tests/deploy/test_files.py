"""The Dockerfile, the compose file and the systemd unit, as far as they can be checked unbuilt."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from tests.support.live_server import BIN

DEPLOY = Path(__file__).parents[2] / "deploy"


def checked(*command: str | Path) -> str:
    """What a checker prints; fails where it finds anything."""
    program = str(command[0])
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = shutil.which("hadolint", path=str(BIN)) or "hadolint"
    assert checked(hadolint, DEPLOY / "Dockerfile") == ""


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "lensmith.service"
    text = (DEPLOY / "lensmith.service").read_text()
    unit.write_text(text.replace("/opt/lensmith/bin/lensmith", str(BIN / "lensmith")))
    assert "lensmith.service" not in checked("systemd-analyze", "verify", "--man=no", unit)


def test_the_compose_file_is_closed_to_other_machines() -> None:
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["lensmith"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["volumes"] == ["data:/data"]
    assert service["read_only"] is True
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).exists()
