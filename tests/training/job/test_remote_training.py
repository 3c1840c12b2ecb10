"""The actor of a training, without Ray: the node it is on, and the end of its process."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.eventually import until

from lensmith import __version__
from lensmith.training.job.remote_training import RemoteTraining, UnfitNodeError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data directory of a node whose records are away."""
    monkeypatch.setenv("LENSMITH_HOME", str(tmp_path))
    monkeypatch.setenv("LENSMITH_RECORDS_URL", "postgresql://127.0.0.1:1/records")
    monkeypatch.setenv("LENSMITH_S3_ENDPOINT_URL", "http://127.0.0.1:1")
    return tmp_path


def test_a_node_of_another_release_is_refused(home: Path) -> None:
    with pytest.raises(UnfitNodeError, match=f"has Lensmith {__version__}, the server 0"):
        RemoteTraining("0", 7, 1, {})
    assert not [*home.iterdir()]


def test_a_node_without_the_shared_settings_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LENSMITH_RECORDS_URL")
    with pytest.raises(UnfitNodeError, match="LENSMITH_RECORDS_URL must be set on this node"):
        RemoteTraining(__version__, 7, 1, {})
    monkeypatch.setenv("LENSMITH_RECORDS_URL", "postgresql://127.0.0.1:1/records")
    monkeypatch.setenv("LENSMITH_LEASE_SECONDS", "0")
    with pytest.raises(UnfitNodeError, match="LENSMITH_LEASE_SECONDS must be"):
        RemoteTraining(__version__, 7, 1, {})
    assert not [*home.iterdir()]


def test_the_files_of_a_process_that_ended_are_gone(home: Path) -> None:
    trainings = home / "trainings"
    files, others = trainings / "7-1", trainings / "7-2"
    files.mkdir(parents=True)
    others.mkdir()  # of another actor, which has the job by now
    training = RemoteTraining(__version__, 7, 1, {})
    assert until(lambda: training.wait(10), lambda code: code is not None) != 0
    assert [*trainings.iterdir()] == [others]
    training.cancel()  # of one that has ended
