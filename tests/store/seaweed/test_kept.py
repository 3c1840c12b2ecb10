"""SeaweedFS that is started until it answers."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.support.live_server import BIN

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.store.objects import ObjectStores, put_object, read_object
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.child import Seaweed
from lensmith.store.seaweed.kept import KeptSeaweed

# Tells the robber which port it is about to listen at, and starts once that has had its chance.
_WEED = """#!{python}
import os, socket, sys

(port,) = [one.split("=")[1] for one in sys.argv if one.startswith("-{option}=")]
with socket.create_connection(("127.0.0.1", {robber})) as robber:
    robber.sendall(port.encode())
    robber.recv(1)
os.execv({weed!r}, sys.argv)
"""


class Robber:
    """Takes a port of `weed` between its choice and its first starts, and never answers there."""

    def __init__(self, folder: Path, option: str, robberies: int) -> None:
        self.starts = 0
        self._robberies = robberies
        self._taken = ExitStack()
        self._listener = self._taken.enter_context(socket.create_server(("127.0.0.1", 0)))
        folder.mkdir()
        program = folder / "weed"
        port = self._listener.getsockname()[1]
        weed = str(BIN / "weed")
        program.write_text(
            _WEED.format(python=sys.executable, option=option, robber=port, weed=weed)
        )
        program.chmod(0o755)
        self._thread = threading.Thread(target=self._rob)
        self._thread.start()

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._taken.close()

    def _rob(self) -> None:
        while True:
            try:
                victim, _ = self._listener.accept()
            except OSError:  # the end
                return
            with victim:
                self.starts += 1
                port = int(victim.recv(5))
                if self.starts <= self._robberies:
                    self._taken.enter_context(socket.create_server(("127.0.0.1", port)))


@contextmanager
def robbed(
    settings: Settings, records: Records, folder: Path, option: str, robberies: int
) -> Iterator[tuple[KeptSeaweed, Robber]]:
    robber = Robber(folder, option, robberies)
    kept = KeptSeaweed(Seaweed(settings, records, folder))
    try:
        kept.start()
        yield kept, robber
    finally:  # or its thread would keep the tests from ending
        kept.stop()
        robber.end()


@pytest.mark.parametrize(
    ("option", "robberies"),
    [("master.port", 1), ("volume.port", 2), ("filer.port.grpc", 1), ("s3.port", 1)],
)
def test_a_port_that_was_taken_since_it_was_chosen_costs_a_start(
    settings: Settings, records: Records, tmp_path: Path, option: str, robberies: int
) -> None:
    stores = ObjectStores(settings, records)
    with robbed(settings, records, tmp_path / "bin", option, robberies) as (kept, robber):
        kept.wait_until_ready()
        stores.internal().create_bucket(Bucket="kept")
        put_object(stores.internal(), "kept", "k", b"data")
        assert read_object(stores.internal(), "kept", "k") == b"data"
        assert robber.starts == robberies + 1


def test_a_store_that_ends_at_each_start_is_given_up(
    settings: Settings, records: Records, tmp_path: Path
) -> None:
    with robbed(settings, records, tmp_path / "bin", "volume.port", 100) as (kept, robber):
        with pytest.raises(StartupError, match=r"SeaweedFS ended with \d+; see .*seaweed\.log"):
            kept.wait_until_ready()
        assert robber.starts >= 4
