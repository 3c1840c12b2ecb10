"""`lensmith training`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, Profile
from lensmith.cli.connection.version_path import ProjectArgument, VersionArgument, version_path

if TYPE_CHECKING:
    from rich.console import Console

    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.operations.lensmith.version_training import TrainingState

_POLL_SECONDS = 0.5  # a training reports as often


def training(
    project: ProjectArgument,
    version: VersionArgument,
    follow: Annotated[
        bool, typer.Option("--follow", help="Wait for the end; end with 1 if it failed")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON")] = False,
    profile: Profile = None,
    data_directory: DataDirectory = None,
) -> None:
    """Show how far a training is; afterwards what was tried, and what was chosen and why."""
    import msgspec
    from rich.console import Console

    from lensmith.cli.connection.aws_services import connect_lensmith
    from lensmith.cli.evaluation.advice_view import read_advice, show_advice
    from lensmith.cli.training.view import show_training
    from lensmith.domain.project_version import VersionStatus

    api = connect_lensmith(profile, data_directory)
    path = f"{version_path(project, version)}/training"
    state = _follow(api, path, version, Console(stderr=True)) if follow else _look(api, path)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(state)))
    else:
        console = Console()
        show_training(console, f"{project} {version}", state)
        if state.report is not None:
            advice = read_advice(api, version_path(project, version))
            show_advice(console, [each for each in advice if each.is_warning])
    if follow and state.status is VersionStatus.TRAINING_FAILED:
        raise SystemExit(1)


def _look(api: LensmithApi, path: str) -> TrainingState:
    import msgspec

    from lensmith.operations.lensmith.version_training import TrainingState

    return msgspec.convert(api.call("GET", path), TrainingState)


def _follow(api: LensmithApi, path: str, version: str, console: Console) -> TrainingState:
    """Poll until the training has ended, and return its state."""
    import time

    from lensmith.cli.training.progress import show_progress, training_bars
    from lensmith.domain.project_version import VersionStatus

    state = _look(api, path)
    with training_bars(console) as bars:
        bar = bars.add_task(f"Training {version}", total=None, phase="waiting", detail="")
        while state.status is VersionStatus.TRAINING_IN_PROGRESS:
            if state.progress is not None:
                show_progress(bars, bar, state.progress)
            elif state.queue_position is not None:
                bars.update(bar, phase="waiting", detail=f"number {state.queue_position} in line")
            time.sleep(_POLL_SECONDS)
            state = _look(api, path)
        bars.update(bar, total=1, completed=1, phase="done", detail="")
    return state
