"""An ASGI application on a port, in a thread of the test's process."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from lensmith.server.http_protocol import HttpProtocol


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Its endpoint, while it answers."""
    config = uvicorn.Config(app, port=0, http=HttpProtocol, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
