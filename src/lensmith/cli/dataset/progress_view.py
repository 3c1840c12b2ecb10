"""Output of import and export in the terminal: bars, and what was skipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lensmith.manifest.convert.draft import Problem, ProblemKind

_EXAMPLES = 5  # shown of each kind of problem


class ConsoleSteps:
    """Shows one progress bar per step."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def counting(self, title: str, total: int | None) -> Iterator[Callable[[], None]]:
        columns = (
            TextColumn(f"{title:<12}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(
            *columns, console=self._console, disable=not self._console.is_terminal
        ) as bar:
            task = bar.add_task(title, total=total)
            yield lambda: bar.advance(task)
            counted = bar.tasks[task].completed or 1
            bar.update(task, total=counted, completed=counted)


def show_problems(console: Console, problems: Sequence[Problem], file: Path | None) -> None:
    """Print counts by kind with a few examples; write all of them to the file, if given."""
    by_kind: defaultdict[ProblemKind, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_kind[problem.kind].append(problem)
    for kind, found in by_kind.items():
        verb = "Look at" if kind.is_note else "Skipped"
        console.print(f"{verb} {len(found)} x {kind.unit}: {kind.what}; {kind.fix}.", markup=False)
        for problem in found[:_EXAMPLES]:
            console.print(f"  {problem.shown}", markup=False, highlight=False)
        if len(found) > _EXAMPLES:
            more = len(found) - _EXAMPLES
            console.print(f"  and {more} more; --problems FILE writes all", markup=False)
    if file is not None:
        file.write_text("".join(f"{problem}\n" for problem in problems), "utf-8")
