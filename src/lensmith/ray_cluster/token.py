"""Sees to it that a cluster is used with a token, and only where it refuses all others.

Callers of an open cluster run any code on its nodes, which have the secrets of the records.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from lensmith.ray_cluster.errors import ClusterAwayError, ClusterRefusedError

_TIMEOUT = 10.0  # seconds for an answer
_HOW = "https://docs.ray.io/en/latest/ray-security/token-auth.html"


def use_token(token_file: str) -> None:
    """Tell Ray, through the environment, to use the token of a file; raises ClusterRefusedError.

    Without a file it is where Ray looks: RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH, ~/.ray/auth_token.
    Must come before Ray is imported.
    """
    os.environ["RAY_AUTH_MODE"] = "token"
    if not token_file:
        return
    try:
        if not Path(token_file).read_text().strip():
            raise ClusterRefusedError(f"{token_file} is empty; it must have the cluster's token.")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ClusterRefusedError(
            f"The token of the cluster cannot be read: {reason}: {token_file}."
        ) from error
    os.environ.pop("RAY_AUTH_TOKEN", None)
    os.environ["RAY_AUTH_TOKEN_PATH"] = token_file


def has_token() -> bool:
    """Return whether Ray finds a token."""
    import ray

    loader = ray._raylet.AuthenticationTokenLoader.instance()
    return bool(loader.has_token(ignore_auth_mode=True))


def check_enforced(address: str, timeout: float = _TIMEOUT) -> None:
    """Raise ClusterRefusedError if the cluster answers to a token that is not its own.

    The real token is sent to no cluster before. Raises ClusterAwayError when none answers.
    """
    if _answers(address, timeout, token=secrets.token_hex(32)):
        raise ClusterRefusedError(
            f"The Ray cluster at {address} answers to any token: its callers run code on its "
            "nodes. Start its head and its nodes with RAY_AUTH_MODE=token and one token, see "
            f"{_HOW}, as deploy/ray/head and deploy/ray/node do."
        )


def check_accepted(address: str, timeout: float = _TIMEOUT) -> None:
    """Raise ClusterRefusedError if the cluster refuses this server's token.

    Raises ClusterAwayError when none answers.
    """
    if not _answers(address, timeout, token=None):
        raise ClusterRefusedError(
            f"The Ray cluster at {address} refuses the token; name the file with its token by "
            "LENSMITH_CLUSTER_TOKEN_FILE."
        )


def _answers(address: str, timeout: float, token: str | None) -> bool:
    """Return whether the cluster answers; without `token` Ray adds the one it finds."""
    import grpc
    from ray.core.generated import ray_client_pb2, ray_client_pb2_grpc

    ping = ray_client_pb2.ClusterInfoRequest(type=ray_client_pb2.ClusterInfoType.PING)
    channel = _channel(address, has_own_token=token is None)
    metadata = [("authorization", f"Bearer {token}")] if token else []
    try:
        stub = ray_client_pb2_grpc.RayletDriverStub(channel)
        stub.ClusterInfo(ping, timeout=timeout, metadata=metadata)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAUTHENTICATED:
            return False
        raise ClusterAwayError(f"The Ray cluster at {address}: {error.code().name}.") from None
    finally:
        channel.close()
    return True


def _channel(address: str, *, has_own_token: bool) -> Any:
    """Open a channel as Ray does, with its token or without one; raises ClusterRefusedError."""
    from ray._private.grpc_utils import init_grpc_channel

    try:
        return init_grpc_channel(address) if has_own_token else _without_token(address)
    except (OSError, RuntimeError) as error:
        raise ClusterRefusedError(f"The certificates of RAY_USE_TLS: {error}") from error


def _without_token(address: str) -> Any:
    import grpc
    from ray._common.tls_utils import load_certs_from_env

    if os.environ.get("RAY_USE_TLS", "0").lower() not in ("1", "true"):
        return grpc.insecure_channel(address)
    certificates, key, root = load_certs_from_env()
    return grpc.secure_channel(
        address,
        grpc.ssl_channel_credentials(
            root_certificates=root, private_key=key, certificate_chain=certificates
        ),
    )
