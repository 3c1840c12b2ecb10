"""A cluster that takes any token: Ray's own service, without its check."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lensmith.ray_cluster.errors import ClusterAwayError, ClusterRefusedError
from lensmith.ray_cluster.token import check_enforced, use_token

pytest.importorskip("ray", reason="Ray is not installed")


@pytest.fixture
def open_cluster() -> Iterator[str]:
    import grpc
    from ray.core.generated import ray_client_pb2, ray_client_pb2_grpc

    class Open(ray_client_pb2_grpc.RayletDriverServicer):  # type: ignore[misc]
        def ClusterInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
            return ray_client_pb2.ClusterInfoResponse(type=request.type)

    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        ray_client_pb2_grpc.add_RayletDriverServicer_to_server(Open(), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield f"127.0.0.1:{port}"
        server.stop(None).wait()


def test_a_cluster_that_takes_any_token_is_refused(open_cluster: str) -> None:
    with pytest.raises(ClusterRefusedError, match="RAY_AUTH_MODE=token"):
        check_enforced(open_cluster)


def test_a_cluster_that_is_away_may_come_back() -> None:
    with pytest.raises(ClusterAwayError, match="UNAVAILABLE"):
        check_enforced("127.0.0.1:1")


def test_certificates_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USE_TLS", "1")
    with pytest.raises(ClusterRefusedError, match="RAY_TLS_SERVER_CERT"):
        check_enforced("127.0.0.1:1")
    for name in ("SERVER_CERT", "SERVER_KEY", "CA_CERT"):
        monkeypatch.setenv(f"RAY_TLS_{name}", "/absent")
    with pytest.raises(ClusterRefusedError, match="/absent"):
        check_enforced("127.0.0.1:1")


def test_a_token_comes_from_a_file_alone(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "other")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", "")
    with pytest.raises(ClusterRefusedError, match="No such file"):
        use_token(str(tmp_path / "token"))
    (tmp_path / "token").write_text("\n")
    with pytest.raises(ClusterRefusedError, match="is empty"):
        use_token(str(tmp_path / "token"))
    (tmp_path / "token").write_text("secret")
    use_token(str(tmp_path / "token"))
    assert "RAY_AUTH_TOKEN" not in os.environ
    assert os.environ["RAY_AUTH_TOKEN_PATH"] == str(tmp_path / "token")
