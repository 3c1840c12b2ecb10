"""The Dockerfile, the compose files and the systemd unit, as far as they can be checked unbuilt."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.composed import read_compose_files
from tests.support.live_server import BIN

DEPLOY = Path(__file__).parents[2] / "deploy"


CLUSTER = DEPLOY / "cluster"


def checked(*command: str | Path, **variables: str) -> str:
    """Return what a checker prints; fails where it finds anything."""
    program = str(command[0])
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    environment = {**os.environ, **variables}
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, env=environment)
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


def composed(*files: str, **variables: str) -> dict[str, Any]:
    return read_compose_files(*(DEPLOY / file for file in files), **variables)


@pytest.mark.parametrize(
    "files",
    [
        ("compose.yaml",),
        ("cluster/compose.yaml",),
        ("cluster/compose.yaml", "cluster/tls.yaml"),
        ("cluster/compose.yaml", "cluster/ray.yaml"),
    ],
    ids="+".join,
)
def test_compose_reads_the_files_and_every_service_is_closed(files: tuple[str, ...]) -> None:
    services = composed(*files)["services"]
    for name, service in services.items():
        published = service.get("ports", [])
        assert all(port["host_ip"] == "127.0.0.1" for port in published), name
        assert not published or name in {"haproxy", "lensmith"}
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "unless-stopped", name


def test_only_haproxy_is_on_a_network_that_leads_outside() -> None:
    read = composed("cluster/compose.yaml")
    assert read["networks"]["inside"]["internal"] is True
    for name, service in read["services"].items():
        assert name == "haproxy" or set(service["networks"]) == {"inside"}
        assert service["user"] != "0:0"


def test_other_machines_reach_haproxy_where_that_is_asked_for() -> None:
    read = composed("cluster/compose.yaml", "cluster/tls.yaml", LISTEN="0.0.0.0")
    haproxy = read["services"]["haproxy"]
    assert {port["host_ip"] for port in haproxy["ports"]} == {"0.0.0.0"}
    assert haproxy["environment"]["CERTIFICATE_FILE"] == "/run/secrets/certificate"


def checked_haproxy(**variables: str) -> str:
    """What HAProxy says of its file."""
    return checked("haproxy", "-c", "-f", CLUSTER / "haproxy.cfg", **variables)


def test_haproxy_accepts_its_file_with_and_without_a_certificate(certificate: Path) -> None:
    joined = certificate / "joined.pem"
    joined.write_bytes(
        b"".join((certificate / name).read_bytes() for name in ("fullchain.pem", "key.pem"))
    )
    for given in ({"CERTIFICATE_FILE": ""}, {"CERTIFICATE_FILE": str(joined), "LISTEN": "0.0.0.0"}):
        said = checked_haproxy(**given)
        assert "Configuration file is valid" in said
        assert "WARNING" not in said


@pytest.fixture(scope="module")
def opened() -> dict[str, str]:
    """What the compose file sets for a HAProxy that is open to other machines."""
    read = composed("cluster/compose.yaml", LISTEN="0.0.0.0")["services"]["haproxy"]
    assert read["environment"]["LISTEN"] == "0.0.0.0"
    return {name: value or "" for name, value in read["environment"].items()}


@pytest.mark.parametrize("address", ["", "127.0.0.1", "[::1]"])
def test_haproxy_starts_without_tls_on_loopback(opened: dict[str, str], address: str) -> None:
    checked_haproxy(**{**opened, "LISTEN": address})


@pytest.mark.parametrize("address", ["0.0.0.0", "[::]", "192.168.74.2"])
def test_haproxy_is_open_without_tls_only_where_that_is_asked_for(
    opened: dict[str, str], address: str
) -> None:
    with pytest.raises(AssertionError, match="there is no TLS: add "):
        checked_haproxy(**{**opened, "LISTEN": address})
    checked_haproxy(**{**opened, "LISTEN": address, "LISTEN_WITHOUT_TLS": "yes"})
