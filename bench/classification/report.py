"""The tables of the classification benchmark, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from bench.classification.results import ALL, Outcome


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of an outcome and how it is shown."""

    title: str
    value: Callable[[Outcome], float]
    digits: int
    better: Callable[[Iterable[float]], float]  # of several: max or min


MEASURES = (
    Measure("Macro F1 at the assumed thresholds", lambda one: one.macro_f1, 3, max),
    Measure(
        "Top-1 accuracy (one label a picture) or mean average precision (several)",
        lambda one: one.score,
        3,
        max,
    ),
    Measure("Training, seconds of wall clock", lambda one: one.seconds, 0, min),
    Measure("Training, seconds of CPU", lambda one: one.cpu_seconds, 0, min),
)

Row = tuple[str, str, int]
"""Set, pictures a label, pictures of the seed with the most."""


def tables(outcomes: Sequence[Outcome], methods: Sequence[str]) -> str:
    """A table for each measure; rows are sets and sizes, columns the methods."""
    present = [name for name in methods if any(one.experiment.method == name for one in outcomes)]
    rows = _rows(outcomes)
    return "\n\n".join(
        "\n".join([_title(measure, outcomes), "", *_table(measure, rows, present)])
        for measure in MEASURES
    )


def _title(measure: Measure, outcomes: Sequence[Outcome]) -> str:
    seeds = len({one.experiment.seed for one in outcomes})
    spread = f"; mean ± standard deviation over {seeds} seeds" if seeds > 1 else ""
    return f"**{measure.title}**{spread}{_threads(measure, outcomes)}"


def _threads(measure: Measure, outcomes: Sequence[Outcome]) -> str:
    """On how many cores the seconds were taken."""
    if measure.better is not min:
        return ""
    counts = sorted({one.threads for one in outcomes})
    cores = ["all cores" if count == 0 else f"{count} core a training" for count in counts]
    return f"; {' and '.join(cores)}"


def _rows(outcomes: Sequence[Outcome]) -> Mapping[Row, list[Outcome]]:
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault((one.experiment.set, one.experiment.size), []).append(one)
    return {
        (name, size, max(one.pictures for one in groups[name, size])): groups[name, size]
        for name, size in sorted(groups, key=lambda key: (key[0], _size_order(key[1])))
    }


def _size_order(size: str) -> float:
    return float("inf") if size == ALL else int(size)


def _table(
    measure: Measure, rows: Mapping[Row, list[Outcome]], methods: Sequence[str]
) -> list[str]:
    lines = [
        _line("set", "a label", "pictures", *methods),
        _line("---", *["---:"] * (2 + len(methods))),
    ]
    complete: list[list[float]] = []
    for (name, size, pictures), outcomes in rows.items():
        values = [_values(measure, outcomes, method) for method in methods]
        lines.append(_line(name, size, str(pictures), *_shown(measure, values)))
        if all(values):
            complete.append([fmean(one) for one in values])
    if len(complete) > 1:
        means = [[fmean(column)] for column in zip(*complete, strict=True)]
        lines.append(_line("average", "", "", *_shown(measure, means)))
    return lines


def _values(measure: Measure, outcomes: Sequence[Outcome], method: str) -> list[float]:
    return [measure.value(one) for one in outcomes if one.experiment.method == method]


def _shown(measure: Measure, values: Sequence[Sequence[float]]) -> list[str]:
    """Mean and spread of each method's values; the best in bold, and what looks the same."""
    means = [f"{fmean(one):.{measure.digits}f}" if one else "" for one in values]
    best = measure.better(float(mean) for mean in means if mean)
    return [
        (f"**{mean}**" if mean and float(mean) == best else mean) + _spread(measure, one)
        for mean, one in zip(means, values, strict=True)
    ]


def _spread(measure: Measure, values: Sequence[float]) -> str:
    return f" ± {stdev(values):.{measure.digits}f}" if len(values) > 1 else ""


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
