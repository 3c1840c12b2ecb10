from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from tests.support.eventually import until

from lensmith.domain.errors import StartupError
from lensmith.serving.cluster.hosted_unit import HostedUnit
from lensmith.serving.start_failures import StartFailures
from lensmith.serving.timeouts import Timeouts
from lensmith.serving.unit import Unit
from lensmith.store.records.placed_units import UnitState
from lensmith.store.unreadable_folder import FolderAwayError, FolderMissingError

AWAY = [OperationalError("SELECT", {}, OSError("refused")), PoolTimeoutError(), FolderAwayError()]


@pytest.mark.parametrize("error", AWAY, ids=lambda error: type(error).__name__)
def test_a_unit_waits_for_what_is_away(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """The records are read for the key of a sealed model."""
    errors = [FolderMissingError("gone"), error, error]

    def files() -> AbstractContextManager[Path]:
        raise errors.pop()

    unit = HostedUnit(files, _never, lambda: None, Timeouts(), StartFailures(0.01))
    until(lambda: unit.has_ended)
    assert (unit.state, unit.reason) == (UnitState.FAILED, "gone")
    assert errors == []
    assert caplog.text.count("A unit cannot be started yet") == 1


def test_another_thing_that_is_away_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    failures = StartFailures(0.01)
    for reason in ("no S3", "no S3", "no KMS", "no KMS"):
        failures.add_away(FolderAwayError(reason))
    assert [message.rpartition(": ")[2] for message in caplog.messages] == ["no S3", "no KMS"]


LOCAL = [PermissionError(13, "Permission denied"), StartupError("The root key is missing")]


@pytest.mark.parametrize("error", LOCAL, ids=lambda error: type(error).__name__)
def test_a_file_of_this_machine_that_cannot_be_read_is_not_waited_for(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    errors = [FolderMissingError("gone"), error]

    def files() -> AbstractContextManager[Path]:
        raise errors.pop()

    unit = HostedUnit(files, _never, lambda: None, Timeouts(), StartFailures(0.01))
    until(lambda: unit.has_ended)
    assert (unit.state, unit.reason) == (UnitState.FAILED, "gone")
    assert caplog.messages == []


def _never(_: Path) -> Unit:
    raise NotImplementedError
