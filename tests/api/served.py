"""An ASGI application on a port, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from tests.support.eventually import until

from lensmith.api.fast_path.http_protocol import HttpProtocol


@contextmanager
def served(app: ASGIApp, http: Any = HttpProtocol) -> Iterator[str]:
    """Its endpoint, while it answers."""
    config = uvicorn.Config(app, port=0, http=http, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, message="the application did not start")
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
