"""Binds the ports that clients call."""

from __future__ import annotations

import socket

from lensmith.domain.errors import StartupError


def bind(host: str, port: int, served: str, option: str) -> socket.socket:
    """Return a bound socket; raises StartupError that says how to choose another port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        variable = f"LENSMITH_{option.upper().replace('-', '_')}"
        raise StartupError(
            f"{served} cannot listen on port {port} of {host} ({error.strerror}). "
            f"Choose another with --{option} or {variable}."
        ) from error
    return bound
