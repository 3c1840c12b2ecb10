"""A real server for the tests: its own data directory, free ports, one for the whole session."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.own_home import OwnHome

gc.disable()  # until all is imported
_OWN_HOME = OwnHome.enter()  # before boto3 is imported below
# Before PyTorch is imported: the workers share the cores, and threads that spin cost as much again.
os.environ.update(OMP_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE")
# Hypothesis would read the metadata of all packages for plugins: half of its import.
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"

from hypothesis import HealthCheck, settings  # noqa: E402
from tests.support.empty_records import empty_records  # noqa: E402
from tests.support.live_server import TRAINING_BUDGET, LiveServer  # noqa: E402
from tests.support.postgresql import (  # noqa: E402
    database,
    is_installed,
    migrated_template,
    postgresql_server,
)

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client

# A busy machine takes any time for an example; Hypothesis lets it where CI is set, and only there.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _users_files_stay_as_they_are() -> Iterator[None]:
    yield
    _OWN_HOME.check_unchanged()


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnHome]:
    """Every test has an empty HOME, and none of the user's AWS or Lensmith settings."""
    with _OWN_HOME.of_a_test() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield _OWN_HOME


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The server that tests share; those that kill or stop one use `new_server`.

    Its classifiers train in seconds; a training that must outlast a test asks for more by its tag.
    Nothing is quantised: tests of precisions have servers of their own.
    """
    given = {
        "LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET,
        "LENSMITH_TRAINING_THREADS": "1",
        "LENSMITH_PRECISION": "float32",
    }
    live = LiveServer(tmp_path_factory.mktemp("lensmith"), given=given, makes_records=True)
    live.start()
    yield live
    assert live.stop() == 0, live.log.read_text()


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., LiveServer]]:
    """Makes servers that are not started yet, each on a directory of its own."""
    made: list[LiveServer] = []

    def make(**given: str) -> LiveServer:
        made.append(LiveServer(tmp_path / f"server-{len(made)}", given=given))
        return made[-1]

    yield make
    for live in made:
        if live.process is not None and live.process.poll() is None:
            live.process.kill()
            live.process.wait()


@pytest.fixture(name="empty_records", scope="session")
def empty_records_fixture() -> Path:
    """A database file, records.db, with the schema and no rows, to copy from."""
    return empty_records()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL server."""
    if not is_installed():
        assert not os.environ.get("CI"), "CI has PostgreSQL, see .ci/packages"
        pytest.skip("PostgreSQL is not installed")
    with postgresql_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_template(postgresql: str) -> Iterator[str]:
    """The name of a database with the newest schema and no rows."""
    with migrated_template(postgresql) as name:
        yield name


@pytest.fixture
def postgresql_database(postgresql: str, postgresql_template: str) -> Iterator[str]:
    """The URL of a database with the newest schema and no rows."""
    with database(postgresql, postgresql_template) as url:
        yield url


@pytest.fixture(scope="session")
def lensmith_env(server: LiveServer) -> dict[str, str]:
    """The environment in which `aws` and `lensmith` speak to the shared server."""
    return server.environment()


@pytest.fixture(scope="session")
def rekognition(server: LiveServer) -> RekognitionClient:
    return server.rekognition()


@pytest.fixture(scope="session")
def s3(server: LiveServer) -> S3Client:
    return server.s3()


@pytest.fixture
def bucket(s3: S3Client) -> str:
    """The name of a new empty bucket."""
    name = f"custom-labels-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


def pytest_collection_finish() -> None:
    """Never look for garbage in what was imported.

    Hypothesis asks for referrers of what plugins give it: frozen ones are none.
    """
    gc.freeze()
    gc.enable()


# Begun last, one of these would run on alone at the end: files that wait for machines of their own,
# then files of the folders that take minutes.
_LONG = (
    *("deploy", "e2e", "isolation", "boto3", "cli"),
    *("training", "server", "attack", "validation", "api"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow files first, then the longest folders, a browser's beside one of another kind."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    order: dict[Path, int] = {}
    browser = others = 0
    paths = {item.path for item in items}
    for path in sorted(paths, key=lambda path: (path not in slow, *_folder_rank(path))):
        folder = _folder(path)
        if folder == "console":
            order[path], browser = 2 * browser, browser + 1
        else:
            order[path], others = 2 * others + 1, others + 1
    items.sort(key=lambda item: order[item.path])


def _folder_rank(path: Path) -> tuple[int, Path]:
    folder = _folder(path)
    return (_LONG.index(folder) if folder in _LONG else len(_LONG), path)


def _folder(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).parts[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the shared server's log below a test that failed with it."""
    report = yield
    live = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(live, LiveServer) and live.log.exists():
        tail = "\n".join(live.log.read_text().splitlines()[-40:])
        report.sections.append(("Lensmith server log", tail))
    return report
