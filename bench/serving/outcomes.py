"""Experiments of the serving benchmark and their tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.table import Table

from bench.outcomes import RESULTS, KeptOutcomes
from bench.serving.measured import Measured
from bench.serving.rounds import Shares

_FIGURES = {
    "refused": "busy",
    "per_second": "/s",
    "p50_ms": "p50",
    "p99_ms": "p99",
    "server_cpu_ms": "CPU",
    "front_cpu_ms": "HTTP",
    "client_cpu_ms": "client",
}
"""What is shown of `Measured`, and its heading."""


@dataclass(frozen=True, order=True, slots=True)
class Sheet:
    """What is measured in one go, because shares of the limit mean nothing across hours."""

    kind: str  # of model
    picture: str
    units: int


@dataclass(frozen=True, order=True, slots=True)
class Experiment:
    sheet: Sheet
    place: int  # of its system among the others
    system: str
    connections: int


@dataclass(frozen=True, slots=True)
class Outcome:
    experiment: Experiment
    measured: Measured
    shares: Shares | None  # None without the limit beside it
    load_average: float  # of the machine, when it was measured


KEPT = KeptOutcomes(RESULTS / "serving.json", list[Outcome])


def tables(outcomes: Iterable[Outcome]) -> Iterator[Table]:
    """One a sheet, from outcomes in the order of their experiments."""
    for sheet, some in groupby(outcomes, lambda one: one.experiment.sheet):
        title = f"{sheet.kind}, {sheet.picture}, units: {sheet.units}"
        table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
        table.add_column("system", no_wrap=True)
        for heading in ("conn", *_FIGURES.values(), "bare", "rounds"):
            table.add_column(heading, justify="right", no_wrap=True)
        for one in some:
            figures = one.measured.as_row()
            shown = (one.experiment.connections, *map(figures.get, _FIGURES))
            table.add_row(one.experiment.system, *map(_written, shown), *_share(one.shares))
        yield table


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _share(of_bare: Shares | None) -> tuple[str, str]:
    """The median round; the worst and the best."""
    if of_bare is None:
        return "", ""
    return f"{of_bare.median:.2f}", f"{of_bare.least:.2f}-{of_bare.most:.2f}"
