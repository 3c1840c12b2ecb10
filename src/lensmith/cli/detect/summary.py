"""Progress bar and closing summary of a run in the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from lensmith.cli.detect.result import Result
from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.terminal.printable import printable

_LABELS_SHOWN = 20
_FAILURES_SHOWN = 10


@dataclass(slots=True)
class _LabelTally:
    detections: int = 0
    pictures: int = 0
    confidence: float = 0.0  # summed, percent


@dataclass(slots=True)
class Tally:
    """Counts of the results so far."""

    pictures: int = 0  # and frames, without a failure
    empty: int = 0  # of them, without a detection
    failures: list[Result] = field(default_factory=list)
    labels: dict[str, _LabelTally] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        if result.error is not None:
            self.failures.append(result)
            return
        self.pictures += 1
        self.empty += not result.found
        for found in result.found:
            tally = self.labels.setdefault(found.name, _LabelTally())
            tally.detections += 1
            tally.confidence += found.confidence
        for name in {found.name for found in result.found}:
            self.labels[name].pictures += 1


def progress_bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f}/s", "progress.data.speed")


@contextmanager
def show_in_the_end(console: Console, tally: Tally) -> Iterator[None]:
    """Print the summary when the block ends, however it ends."""
    began = time.monotonic()
    try:
        yield
    finally:
        _show(console, tally, max(time.monotonic() - began, 1e-3))


def _show(console: Console, tally: Tally, seconds: float) -> None:
    if tally.labels:
        console.print(_labels(tally))
    console.print(
        f"{tally.pictures} looked at in {seconds:.1f} s ({tally.pictures / seconds:.1f}/s), "
        f"nothing found in {tally.empty}, {len(tally.failures)} failed",
        highlight=False,
    )
    for failure in tally.failures[:_FAILURES_SHOWN]:
        console.print(Text(printable(f"  {failure.source}: {failure.error}"), "red"))
    if len(tally.failures) > _FAILURES_SHOWN:
        console.print(f"  and {len(tally.failures) - _FAILURES_SHOWN} more, see the results")


def _labels(tally: Tally) -> Table:
    """Tabulate the labels, the most frequent first."""
    table = plain_table("Found")
    table.add_column("label", overflow="fold")
    for name in ("detections", "pictures", "mean confidence"):
        table.add_column(name, justify="right")
    ordered = sorted(tally.labels.items(), key=lambda item: (-item[1].detections, item[0]))
    for name, label in ordered[:_LABELS_SHOWN]:
        mean = label.confidence / label.detections
        row = (f"{label.detections:,}", f"{label.pictures:,}", f"{mean:.1f} %")
        table.add_row(Text(name), *row)
    if len(ordered) > _LABELS_SHOWN:
        table.add_row(f"… {len(ordered) - _LABELS_SHOWN} more", style="dim")
    return table
