"""The actor of a unit, without Ray: its order, its unit's process, and its end."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import psutil
import pytest
from tests.serving.ray.node import CREDENTIALS, HOST, Node
from tests.support.eventually import until
from tests.support.live_server import command_line

from lensmith import __version__
from lensmith.serving.ray.order import UnitOrder, UnitReport
from lensmith.serving.remote.credentials import credentials_of
from lensmith.serving.remote.probe import answers
from lensmith.serving.remote.tls import connecting_context
from lensmith.serving.unit import ModelUnusableError

SECRETS = {"AWS_SECRET_ACCESS_KEY", "LENSMITH_RECORDS_URL", "PGPASSWORD", "RAY_AUTH_TOKEN"}


def test_a_unit_is_fetched_answers_servers_and_ends(node: Node, order: UnitOrder) -> None:
    assert node.actor.await_change(-1, 60) == UnitReport()
    node.actor.supply(order)
    port = node.await_port()
    context = connecting_context(CREDENTIALS)
    assert answers((HOST, port), context, version_id=7)
    assert not answers((HOST, port), context, version_id=8)
    assert not answers((HOST, port), connecting_context(credentials_of(b"other")), version_id=7)
    node.actor.leave()
    assert node.ended.wait(60)
    assert not answers((HOST, port), context, version_id=7)


def test_a_unit_that_dies_is_started_again_without_the_store(
    node: Node, order: UnitOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SECRETS:  # of a node that runs trainings, too
        monkeypatch.setenv(name, "secret")
    node.actor.supply(order)
    port = node.await_port()
    shutil.rmtree(tmp_path / "published")
    (unit,) = [
        child
        for child in psutil.Process().children()
        if str(tmp_path / "home") in command_line(child)
    ]
    assert not SECRETS & unit.environ().keys()
    unit.kill()
    again = until(lambda: node.actor.await_change(-1, 0).port, lambda now: now not in (None, port))
    assert again is not None
    assert answers((HOST, again), connecting_context(CREDENTIALS), version_id=7)


def test_what_cannot_start_says_why(node: Node, order: UnitOrder, tmp_path: Path) -> None:
    (tmp_path / "published" / "model.json").unlink()
    with pytest.raises(ModelUnusableError, match=f"has Lensmith {__version__}, the server 0"):
        node.actor.supply(UnitOrder("0", 7, order.model, CREDENTIALS, None, None, 1))
    assert CREDENTIALS.decode() not in repr(order)
    node.actor.supply(order)  # the file may be there when it is tried again
    report = node.await_report()
    assert (report.digest, report.port, report.reason) == (order.model.digest, None, None)


def test_an_actor_ends_when_its_installation_is_gone(order: UnitOrder, tmp_path: Path) -> None:
    node = Node(tmp_path / "home", alone_seconds=0.5)
    node.actor.supply(order)
    assert node.ended.wait(60)


def test_a_server_that_is_connected_keeps_an_actor(
    node: Node, order: UnitOrder, tmp_path: Path
) -> None:
    node.actor.supply(order)
    port = node.await_port()
    with (
        socket.create_connection((HOST, port)) as plain,
        connecting_context(CREDENTIALS).wrap_socket(plain),
    ):
        until(lambda: node.actor.connections, lambda found: found == 1)
