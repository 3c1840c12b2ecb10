"""Browsers on the live server."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.browser_session import BrowserSession
from tests.support.live_server import LiveServer


@pytest.fixture(scope="module")
def browser(server: LiveServer) -> BrowserSession:
    return BrowserSession.open(server)


@pytest.fixture
def browser_of(server: LiveServer) -> Callable[..., BrowserSession]:
    """Makes browsers of users that may do the actions named, and nothing else."""

    def make(*actions: str) -> BrowserSession:
        name = f"user-{uuid.uuid4().hex[:8]}"
        statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = server.home / f"{name}.json"
        policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
        server.run("user", "create", name, "--policy", str(policy))
        return BrowserSession.open(server, name)

    return make
