"""The table of the benchmark of detectors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from rich.table import Table
from rich.text import Text

from bench.localization.results import LENSMITH, OUT_OF_TIME, Experiment, Outcome
from lensmith.domain.training_report import EndReason

AIMS = {
    ("bccd", 10.0): 0.89,
    ("bccd", 20.0): 0.91,
    ("cards", 10.0): 0.95,
    ("carlogo", 20.0): 0.5,
    ("cards40", 5.0): 0.75,
}
"""Least AP50 by set and minutes (issue 5)."""

_RIGHT = ("min", "AP50", "aim", "by seed", "50:95", "F1", "s", "CPU s", "steps")
_SHORTER = {
    OUT_OF_TIME: "time",
    "the training pictures are learnt": "learnt",
    "all iterations of the recipe": "all steps",
    EndReason.OUT_OF_TIME: "time",
    EndReason.LEARNT: "learnt",
    EndReason.ALL_ITERATIONS: "all steps",
}


def table(outcomes: Sequence[Outcome]) -> Table:
    """A row for each set, time budget and method: means over the seeds; fits 80 columns."""
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    found.add_column("set", no_wrap=True)
    for title in _RIGHT:
        found.add_column(title, justify="right", no_wrap=True)
    found.add_column("frame", no_wrap=True)
    found.add_column("ended")
    ordered = sorted(outcomes, key=lambda one: (_row_of(one.experiment), one.experiment.seed))
    for (name, minutes, method), each in groupby(ordered, lambda one: _row_of(one.experiment)):
        is_ours = method == LENSMITH
        aim = AIMS.get((name, minutes)) if is_ours else None
        shown = name if is_ours else f"{name}, {method}"
        found.add_row(shown, f"{minutes:g}", *_row(list(each), aim))
    return found


def _row_of(experiment: Experiment) -> tuple[str, float, str]:
    return experiment.set, experiment.minutes, experiment.method


def _row(each: Sequence[Outcome], aim: float | None) -> list[str | Text]:
    precision = fmean(one.ap50 for one in each)
    return [
        _judged(precision, aim),
        "" if aim is None else f"{aim:.2f}",
        " ".join(_share(one.ap50) for one in each),
        _share(fmean(one.ap50_95 for one in each)),
        _share(fmean(one.macro_f1 for one in each)),
        f"{fmean(one.seconds for one in each):.0f}",
        f"{fmean(one.cpu_seconds for one in each):.0f}",
        f"{fmean(one.iterations for one in each):.0f}",
        " ".join(dict.fromkeys("x".join(map(str, one.frame)) for one in each)),
        ", ".join(dict.fromkeys(map(_ended, each))),
    ]


def _judged(precision: float, aim: float | None) -> Text:
    """With the sign of whether the aim was reached, where there is one."""
    if aim is None:
        return Text(f"{precision:.3f}  ")
    reached = precision >= aim
    return Text(f"{precision:.3f} {'✓' if reached else '✗'}", "green" if reached else "red")


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _ended(one: Outcome) -> str:
    """Why the training ended, or the minutes of the experiment whose training it was."""
    if one.trained_for != one.experiment.minutes:
        return f"as {one.trained_for:g} min"
    return _SHORTER.get(one.stopped, one.stopped)
