"""SeaweedFS that is started until it answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.live_server import BIN

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.store.objects import ObjectStores, put_object, read_object
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.child import Seaweed
from lensmith.store.seaweed.kept import KeptSeaweed

# It holds the port by a socket that `weed` inherits, so that it is free when that has ended.
_ROBBED = """#!{python}
import os, socket, sys
from pathlib import Path

starts = Path({starts!r})
starts.write_text(starts.read_text() + "x")
if len(starts.read_text()) <= {robberies}:
    (port,) = [one.split("=")[1] for one in sys.argv if one.startswith("-{option}=")]
    taken = socket.create_server(("127.0.0.1", int(port)))
    taken.set_inheritable(True)
os.execv({weed!r}, sys.argv)
"""


class Robbed:
    """A `weed` that finds one of its ports taken since it was chosen, at its first starts."""

    def __init__(self, folder: Path, option: str, robberies: int) -> None:
        self.folder = folder
        folder.mkdir()
        self._starts = folder / "starts"
        self._starts.touch()
        program = folder / "weed"
        program.write_text(
            _ROBBED.format(
                python=sys.executable,
                starts=str(self._starts),
                robberies=robberies,
                option=option,
                weed=str(BIN / "weed"),
            )
        )
        program.chmod(0o755)

    @property
    def starts(self) -> int:
        return len(self._starts.read_text())


@contextmanager
def keeping(settings: Settings, records: Records, robbed: Robbed) -> Iterator[KeptSeaweed]:
    kept = KeptSeaweed(Seaweed(settings, records, robbed.folder))
    kept.start()
    yield kept
    kept.stop()


@pytest.mark.parametrize(
    ("option", "robberies"),
    [("master.port", 1), ("volume.port", 2), ("filer.port.grpc", 1), ("s3.port", 1)],
)
def test_a_port_that_was_taken_since_it_was_chosen_costs_a_start(
    settings: Settings, records: Records, tmp_path: Path, option: str, robberies: int
) -> None:
    robbed = Robbed(tmp_path / "bin", option, robberies)
    stores = ObjectStores(settings, records)
    with keeping(settings, records, robbed) as kept:
        kept.wait_until_ready(stores)
        stores.internal().create_bucket(Bucket="kept")
        put_object(stores.internal(), "kept", "k", b"data")
        assert read_object(stores.internal(), "kept", "k") == b"data"
    assert robbed.starts == robberies + 1


def test_a_store_that_ends_at_each_start_is_given_up(
    settings: Settings, records: Records, tmp_path: Path
) -> None:
    robbed = Robbed(tmp_path / "bin", "volume.port", robberies=100)
    with (
        keeping(settings, records, robbed) as kept,
        pytest.raises(StartupError, match=r"SeaweedFS ended with \d+; see .*seaweed\.log"),
    ):
        kept.wait_until_ready(ObjectStores(settings, records))
    assert robbed.starts >= 4
