"""Which server a command talks to, by precedence; and through TLS with a private authority."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.command import lensmith
from tests.support.live_server import LiveServer
from tests.support.tls_proxy import TlsProxy, tls_proxy

from lensmith.cli.connection.aws_services import connect, connect_lensmith
from lensmith.cli.connection.profile import DEFAULT_PROFILE
from lensmith.cli.connection.server_choice import (
    ServerChoice,
    ServerChoiceError,
    choose_server,
)
from lensmith.domain.errors import StartupError


@pytest.fixture
def here(server: LiveServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with a profile of another installation, and LENSMITH_HOME of the live server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LENSMITH_HOME", str(server.home / "data"))
    write_profile(DEFAULT_PROFILE, "AKIAELSEWHERE", "https://elsewhere.example")
    return tmp_path


def write_profile(name: str, key_id: str, endpoint: str, more: str = "") -> None:
    files = Path(os.environ["HOME"]) / ".aws"
    files.mkdir(exist_ok=True)
    with (files / "credentials").open("a") as credentials:
        credentials.write(f"[{name}]\naws_access_key_id={key_id}\naws_secret_access_key=s\n")
    with (files / "config").open("a") as config:
        config.write(
            f"[profile {name}]\nregion=eu-west-1\nservices=of-{name}\n{more}"
            f"[services of-{name}]\n"
            f"rekognition =\n  endpoint_url={endpoint}\ns3 =\n  endpoint_url={endpoint}\n"
        )


def chosen(choice: ServerChoice) -> tuple[str, str, str]:
    return choice.named_by.split()[0], choice.key_id, choice.endpoint


def test_the_servers_directory_goes_before_a_profile(here: Path, server: LiveServer) -> None:
    choice = choose_server(None, None)
    assert chosen(choice)[0] == "data"
    assert choice.endpoint == f"http://127.0.0.1:{server.port}"
    assert choice.s3().meta.endpoint_url == f"http://127.0.0.1:{server.s3_port}"


def test_so_does_the_directory_beside(
    here: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LENSMITH_HOME")
    assert chosen(choose_server(None, None))[0] == "profile"
    (here / "lensmith-data").symlink_to(server.home / "data")
    assert chosen(choose_server(None, None))[0] == "data"


def test_variables_go_before_the_directory(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAVARIABLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    assert chosen(choose_server(None, None))[0] == "data"  # keys alone name no server
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://variables.example")
    choice = choose_server(None, None)
    assert chosen(choice) == ("AWS", "AKIAVARIABLE", "http://variables.example")
    assert choice.session.get_config_variable("region") == "eu-central-1"
    monkeypatch.setenv("AWS_ENDPOINT_URL_REKOGNITION", "http://special.example")
    assert choose_server(None, None).endpoint == "http://special.example"


def test_aws_profile_counts_when_it_names_an_endpoint(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (Path(os.environ["HOME"]) / ".aws" / "config").open("a") as config:
        config.write("[profile work]\nregion=eu-west-1\n")
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert chosen(choose_server(None, None))[0] == "data"  # that is Amazon's own
    write_profile("lab", "AKIALAB", "https://lab.example")
    monkeypatch.setenv("AWS_PROFILE", "lab")
    assert chosen(choose_server(None, None)) == ("profile", "AKIALAB", "https://lab.example")


def test_an_option_goes_before_all(
    here: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://variables.example")
    named = choose_server(DEFAULT_PROFILE, None)
    assert chosen(named) == ("profile", "AKIAELSEWHERE", "https://elsewhere.example")
    assert chosen(choose_server(None, server.home / "data"))[0] == "data"
    monkeypatch.setenv("AWS_PROFILE", "gone")  # which says nothing about this
    assert chosen(choose_server(None, server.home / "data"))[0] == "data"


def test_without_a_server_the_profile_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LENSMITH_HOME", str(here / "never"))
    assert chosen(choose_server(None, None))[1] == "AKIAELSEWHERE"
    assert "No server ever ran on" in capsys.readouterr().err


def test_nothing_names_a_server(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENSMITH_HOME", str(here / "never"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(here / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(here / "none"))
    with pytest.raises(StartupError, match="--profile"):
        choose_server(None, None)
    with pytest.raises(ServerChoiceError, match="lensmith configure"):
        choose_server("gone", None)


@pytest.fixture(scope="module")
def api(server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    with tls_proxy(tmp_path_factory.mktemp("tls"), server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def store(server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsProxy]:
    with tls_proxy(tmp_path_factory.mktemp("tls-s3"), server.s3_port) as proxy:
        yield proxy


@pytest.fixture
def behind(server: LiveServer, api: TlsProxy, store: TlsProxy, tmp_path: Path) -> dict[str, str]:
    """An environment that reaches the live server through TLS alone."""
    bundle = tmp_path / "both.pem"
    bundle.write_bytes(api.ca_bundle.read_bytes() + store.ca_bundle.read_bytes())
    return {
        **server.environment(),
        "AWS_ENDPOINT_URL_REKOGNITION": api.url,
        "AWS_ENDPOINT_URL_S3": store.url,
        "BUNDLE": str(bundle),
    }


@pytest.mark.parametrize("by", ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "ca_bundle"])
def test_a_private_authority_is_honoured(
    behind: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    config = tmp_path / "config"
    config.write_text(f"[default]\nca_bundle = {behind['BUNDLE']}\n")
    variables = {name: value for name, value in behind.items() if name.startswith("AWS_")}
    given = {"AWS_CONFIG_FILE": str(config)} if by == "ca_bundle" else {by: behind["BUNDLE"]}
    for name, value in {**variables, **given}.items():
        monkeypatch.setenv(name, value)
    services = connect(None, None)
    assert "ProjectDescriptions" in services.rekognition.describe_projects()
    assert "Buckets" in services.s3.list_buckets()
    assert "versions" in connect_lensmith(None, None).call("GET", "/_lensmith/usage")


def test_without_it_the_setting_is_named(behind: dict[str, str], tmp_path: Path) -> None:
    for arguments in (("usage",), ("export", "coco", str(tmp_path / "o"), "--project", "p")):
        done = lensmith(behind, *arguments)
        assert done.returncode == 1
        assert "AWS_CA_BUNDLE" in done.stderr
        assert "Traceback" not in done.stderr
    trusting = lensmith({**behind, "SSL_CERT_FILE": behind["BUNDLE"]}, "usage", "--json")
    assert "versions" in json.loads(trusting.stdout), trusting.stderr
    gone = lensmith({**behind, "AWS_CA_BUNDLE": "/no/such.pem"}, "usage")
    assert "There is no file /no/such.pem" in gone.stderr


def test_a_refused_key_is_named(server: LiveServer, tmp_path: Path) -> None:
    environment = {**server.environment(), "AWS_ACCESS_KEY_ID": "AKIAELSEWHERE"}
    for arguments in (("usage",), ("export", "coco", str(tmp_path / "o"), "--project", "p")):
        done = lensmith(environment, *arguments)
        assert done.returncode == 1
        said = " ".join(done.stderr.split())
        assert "security token included in the request is invalid" in said
        assert f"AWS variables, key AKIAELSEWHERE, endpoint http://127.0.0.1:{server.port}" in said
