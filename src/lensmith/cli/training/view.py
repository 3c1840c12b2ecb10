"""A training in the terminal: how far it is, its curves, what was tried and chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from lensmith.cli.connection.printable import printable
from lensmith.cli.training.detector_view import TOLD, detector_training, sentences
from lensmith.cli.training.progress import detail
from lensmith.domain.project_version import VersionStatus
from lensmith.operations.lensmith.version_training import TrainingState

_STYLES = {
    VersionStatus.TRAINING_IN_PROGRESS: "bold yellow",
    VersionStatus.TRAINING_FAILED: "bold red",
}
_HEIGHTS = "▁▂▃▄▅▆▇█"
_CURVE_WIDTH = 48

Report = Mapping[str, Any]


def show_training(console: Console, name: str, state: TrainingState) -> None:
    status = Text(state.status.value, _STYLES.get(state.status, "bold green"))
    console.print(Text.assemble((name, "bold"), "  ", status, f"  {state.status_message}"))
    if (line := _how_far(state)) is not None:
        console.print(line, markup=False)
    if state.progress is not None:
        _show_words(console, "Plan", state.progress.plan)
    for curve in ("loss", "metric"):
        points = [getattr(point, curve) for point in state.history]
        values = [value for value in points if value is not None]
        if len(values) > 1:
            console.print(f"{curve:<7}{values[0]:7.3f} {sparkline(values)} {values[-1]:.3f}")
    if state.report is not None:
        _show_report(console, state.report)


def sparkline(values: Sequence[float], width: int = _CURVE_WIDTH) -> str:
    """A curve as a line of blocks; each is the mean of the values in its place."""
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
    parts = [f"{progress.phase}{steps}", detail(progress), f"{state.seconds:.0f} s so far"]
    again = [f"attempt {state.attempt}"] if state.attempt > 1 else []
    return ", ".join(part for part in [*parts, *again] if part)


def _show_report(console: Console, report: Report) -> None:
    """Whatever the report holds: candidates as a table, a detector's training in sentences,
    single facts in a list."""
    _show_words(console, "Plan", report.get("plan"))
    tried = [row for row in report.get("tried") or [] if isinstance(row, Mapping)]
    chosen = report.get("chosen")
    if tried:
        _show_candidates(console, tried, chosen if isinstance(chosen, Mapping) else {})
    _show_words(console, "Chosen", report.get("reason"))
    for left_out in report.get("left_out") or []:
        _show_words(console, "Left out", left_out)
    told = {"plan", "reason", "chosen", "tried"}
    if (training := detector_training(report)) is not None:
        console.print(*sentences(training), sep="\n")
        told |= TOLD
    facts = Table(box=None, show_header=False)
    for name, value in report.items():
        if name not in told and _is_single(value):
            facts.add_row(_words(name), escape(_written(value)))
    console.print(facts)


def _show_words(console: Console, about: str, words: object) -> None:
    if isinstance(words, str):
        console.print(Text.assemble((f"{about}: ", "bold"), printable(words)))


def _show_candidates(console: Console, tried: Sequence[Report], chosen: Report) -> None:
    """Print shared values above the table, so that 80 columns take the rest."""
    every = list(dict.fromkeys(name for row in tried for name in row if _is_single(row[name])))
    shared = [name for name in every if len(tried) > 1 and _is_shared(name, tried)]
    above = ", ".join(f"{_words(name)} {_written(tried[0][name])}" for name in shared)
    console.print(Text.assemble(("Candidates", "bold"), f": {above}" if above else ""))
    console.print(_candidates(tried, chosen, [name for name in every if name not in shared]))


def _candidates(tried: Sequence[Report], chosen: Report, names: Sequence[str]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for name in names:
        is_number = all(isinstance(row.get(name), int | float | None) for row in tried)
        table.add_column(_words(name), justify="right" if is_number else "left", overflow="fold")
    for row in tried:
        style = "bold green" if _is_chosen(row, chosen) else None
        table.add_row(*(escape(_written(row.get(name))) for name in names), style=style)
    return table


def _is_shared(name: str, tried: Sequence[Report]) -> bool:
    return all(name in row and row[name] == tried[0].get(name) for row in tried)


def _is_chosen(row: Report, chosen: Report) -> bool:
    shared = row.keys() & chosen.keys()
    return bool(shared) and all(row[name] == chosen[name] for name in shared)


def _is_single(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _written(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
