"""GET /metrics, read by Prometheus' own parser; who may read it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.api.metered import OWNER, Metered, metered
from tests.boto3.recorded import record_version

from lensmith.domain.project_version import VersionStatus
from lensmith.serving.fleet import Load
from lensmith.store.records import projects

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(endpoint: str, **headers: str) -> tuple[int, str]:
    address = urlsplit(endpoint)
    connection = HTTPConnection(address.hostname or "", address.port)
    connection.request(
        "GET", "/metrics", headers={name.replace("_", "-"): of for name, of in headers.items()}
    )
    reply = connection.getresponse()
    text = reply.read().decode()
    connection.close()
    return reply.status, text


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metered]:
    with metered(tmp_path_factory.mktemp("metered")) as running:
        yield running


def test_units_calls_trainings_and_the_process(server: Metered) -> None:
    with server.service.records.write() as connection:
        project = projects.create(connection, OWNER.account_id, OWNER.region, "parts")
    version = record_version(server.service.records, project.arn, VersionStatus.RUNNING)
    server.loads[version.arn] = Load(3, 2, 1, 4, requests=5, waiting=3)
    server.client().list_metrics()

    status, text = scrape(server.endpoint)

    assert status == 200
    found = samples(text)
    of_version = frozenset({("account", OWNER.account_id), ("project", "parts"), ("version", "v1")})
    for name, value in (
        ("desired_inference_units", 3),
        ("in_service_inference_units", 2),
        ("min_inference_units", 1),
        ("max_inference_units", 4),
        ("model_requests", 5),
        ("model_waiting_requests", 3),
    ):
        assert found[f"lensmith_{name}", of_version] == value
    assert found["lensmith_trainings", frozenset({("state", "running")})] == 0
    call = {("operation", "ListMetrics")}
    assert found["lensmith_requests_total", frozenset({*call, ("outcome", "success")})] >= 1
    assert found["lensmith_response_seconds_count", frozenset(call)] >= 1
    assert found["process_resident_memory_bytes", frozenset()] > 1e6
    assert server.key.access_key_id not in text


def test_what_clients_make_up_is_one_name(server: Metered) -> None:
    for target in ("RekognitionService.Nonsense", "GraniteServiceVersion20100801.Nonsense"):
        address = urlsplit(server.endpoint)
        connection = HTTPConnection(address.hostname or "", address.port)
        connection.request("POST", "/", b"{}", {"X-Amz-Target": target})
        assert connection.getresponse().status in {400, 403}
        connection.close()
    text = scrape(server.endpoint)[1]
    assert "Nonsense" not in text
    labels = frozenset({("operation", "unknown"), ("outcome", "user_error")})
    assert samples(text)["lensmith_requests_total", labels] >= 2


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X_Real_IP": "127.0.0.1"},
        {"X_Forwarded_Proto": "https"},
    ],
)
def test_without_a_token_it_is_for_programs_of_this_machine(
    server: Metered, headers: dict[str, str]
) -> None:
    status, text = scrape(server.endpoint, **headers)
    assert status == 401
    assert "lensmith_requests" not in text


def test_without_a_token_a_plain_proxy_is_none_of_this_machine(server: Metered) -> None:
    """nginx without further settings: HTTP/1.0, the Host of the upstream, nothing forwarded."""
    address = urlsplit(server.endpoint)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as proxy:
        proxy.sendall(f"GET /metrics HTTP/1.0\r\nHost: {address.netloc}\r\n\r\n".encode())
        assert proxy.recv(100).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize(
    "given", [{"trusted_proxies": ("127.0.0.1",)}, {"allowed_hosts": ("lensmith.example",)}]
)
def test_behind_a_proxy_the_token_is_wanted_whatever_host_says(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    with metered(tmp_path, **given) as server:
        assert scrape(server.endpoint)[0] == 401
        assert scrape(server.endpoint, Host="localhost")[0] == 401


def test_without_a_token_a_server_that_others_reach_tells_nobody(tmp_path: Path) -> None:
    with metered(tmp_path, host="0.0.0.0") as server:
        assert scrape(server.endpoint)[0] == 401


def test_with_a_token_nothing_else_will_do(tmp_path: Path) -> None:
    with metered(tmp_path, host="0.0.0.0", metrics_token="s3cret") as server:
        assert scrape(server.endpoint)[0] == 401
        assert scrape(server.endpoint, Authorization="Bearer wrong")[0] == 401
        assert scrape(server.endpoint, Authorization="Basic s3cret")[0] == 401
        status, text = scrape(server.endpoint, Authorization="Bearer s3cret")
        assert status == 200
        assert "s3cret" not in text + repr(server.service.settings)
