"""A training in the terminal: how far it is, its curves, what was tried and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.console import Console
from rich.text import Text

from lensmith.cli.training.phase_words import phase_words
from lensmith.cli.training.progress import detail
from lensmith.cli.training.report_view import show_plan, show_report
from lensmith.domain.project_version import VersionStatus
from lensmith.operations.lensmith.version_training import TrainingState

_STYLES = {
    VersionStatus.TRAINING_IN_PROGRESS: "bold yellow",
    VersionStatus.TRAINING_FAILED: "bold red",
    VersionStatus.COPYING_IN_PROGRESS: "bold yellow",
    VersionStatus.COPYING_FAILED: "bold red",
}
_HEIGHTS = "▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 48


def show_training(console: Console, name: str, state: TrainingState) -> None:
    status = Text(state.status.value, _STYLES.get(state.status, "bold green"))
    console.print(Text.assemble((name, "bold"), "  ", status, f"  {state.status_message}"))
    if (line := _how_far(state)) is not None:
        console.print(line, markup=False)
    if state.progress is not None:
        show_plan(console, state.progress.plan, state.progress.machine)
    for curve in ("loss", "metric"):
        points = [getattr(point, curve) for point in state.history]
        values = [value for value in points if value is not None]
        if len(values) > 1:
            console.print(f"{curve:<7}{values[0]:7.3f} {sparkline(values)} {values[-1]:.3f}")
    if state.report is not None:
        show_report(console, state.report)


def sparkline(values: Sequence[float], width: int = _CURVE_WIDTH) -> str:
    """Draw a curve as a line of blocks; each is the mean of the values in its place."""
    width = min(width, len(values))
    edges = [index * len(values) // width for index in range(width + 1)]
    means = [sum(values[start:end]) / (end - start) for start, end in pairwise(edges)]
    lowest, highest = min(means), max(means)
    scale = (len(_HEIGHTS) - 1) / (highest - lowest) if highest > lowest else 0.0
    return "".join(_HEIGHTS[round((mean - lowest) * scale)] for mean in means)


def _how_far(state: TrainingState) -> str | None:
    if state.queue_position is not None:
        return f"waiting, number {state.queue_position} in line"
    if state.status is not VersionStatus.TRAINING_IN_PROGRESS:
        return f"{state.seconds:.0f} s of training" if state.seconds else None
    if state.progress is None:
        return "beginning"
    progress = state.progress
    steps = f": {progress.step} of {progress.steps}" if progress.steps else ""
    parts = [f"{phase_words(progress)}{steps}", detail(progress), f"{state.seconds:.0f} s so far"]
    again = [f"attempt {state.attempt}"] if state.attempt > 1 else []
    return ", ".join(part for part in [*parts, *again] if part)
