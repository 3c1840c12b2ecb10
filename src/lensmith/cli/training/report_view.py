"""Shows a training report: candidates as a table, plan and choice as sentences, facts as a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.terminal.printable import printable
from lensmith.cli.training.detector_view import sentences
from lensmith.cli.training.report_words import (
    choice_words,
    machine_words,
    method_words,
    plan_words,
    skipped_words,
)
from lensmith.domain.training_report import MachineShare, TrainingPlan, TrainingReport, Trial

_COLUMNS = (
    "log_loss",
    "standard_error",
    "accuracy",
    "average_precision",
    "folds",
    "pictures",
    "seconds",
)
_FACTS = (
    "seed",
    "budget_seconds",
    "seconds",
    "training_images",
    "testing_images",
    "labels",
    "f1_score",
    "average_precision",
    "expected_calibration_error",
)


def show_report(console: Console, report: TrainingReport) -> None:
    show_plan(console, report.plan, report.machine)
    if report.trials:
        _show_candidates(console, report)
    if report.choice is not None:
        show_words(console, "Chosen", choice_words(report.choice, report.trials))
    for skipped in report.skipped:
        show_words(console, "Left out", skipped_words(skipped))
    if report.detector is not None:
        console.print(*sentences(report.detector, report.device), sep="\n")
    facts = plain_table(header=False)
    for name, value in _facts(report):
        facts.add_row(name, escape(_written(value)))
    if facts.rows:
        console.print(facts)


def show_plan(
    console: Console, plan: TrainingPlan | None, machine: MachineShare | None = None
) -> None:
    if plan is not None and (words := plan_words(plan)) is not None:
        show_words(console, "Plan", words)
    if machine is not None:
        show_words(console, "Machine", machine_words(machine))


def show_words(console: Console, about: str, words: str) -> None:
    console.print(Text.assemble((f"{about}: ", "bold"), printable(words)))


def _facts(report: TrainingReport) -> Iterator[tuple[str, object]]:
    for name in _FACTS:
        if (value := getattr(report, name)) is not None:
            yield _words(name), value
    if (classifier := report.classifier) is not None:
        yield "labels exclude each other", "yes" if classifier.exclusive else "no"
        yield "pictures a label, at least", classifier.min_pictures_a_label
        yield "pictures a label, at most", classifier.max_pictures_a_label
        yield "temperature", classifier.temperature


def _show_candidates(console: Console, report: TrainingReport) -> None:
    """Print candidates; common values stand above the table, so that 80 columns take the rest."""
    rows = [_row(trial) for trial in report.trials]
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    shared = [name for name in names[1:] if len({row[name] for row in rows}) == 1 < len(rows)]
    above = ", ".join(f"{_words(name)} {_written(rows[0][name])}" for name in shared)
    console.print(Text.assemble(("Candidates", "bold"), f": {above}" if above else ""))
    chosen = report.choice.trial if report.choice is not None else None
    console.print(_table(report.trials, chosen, [name for name in names if name not in shared]))


def _table(trials: Sequence[Trial], chosen: Trial | None, names: Sequence[str]) -> Table:
    table = plain_table()
    for name in names:
        justify = "right" if name in _COLUMNS else "left"
        table.add_column(_words(name), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for trial in trials:
        row, style = _row(trial), "bold green" if _is_chosen(trial, chosen) else None
        table.add_row(*(escape(_written(row[name])) for name in names), style=style)
    return table


def _row(trial: Trial) -> dict[str, object]:
    kind = "backbone" if trial.method else "detector"
    width = trial.input_size[0] if trial.input_size else None
    return {kind: trial.candidate, "pixels": width, "method": method_words(trial) or None} | {
        name: getattr(trial, name) for name in _COLUMNS
    }


def _is_chosen(trial: Trial, chosen: Trial | None) -> bool:
    return chosen is not None and replace(trial, seconds=None) == replace(chosen, seconds=None)


def _written(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
