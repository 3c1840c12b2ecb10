"""Render the confusion matrix in the terminal: a table of few labels, the worst pairs of many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.markup import escape
from rich.style import Style
from rich.table import Table
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table
from lensmith.evaluation.report import EvaluationReport

_MAX_MATRIX_LABELS = 12
_MAX_PAIRS = 12
_RIGHT, _WRONG = (22, 120, 60), (170, 40, 40)
_MISSED, _BACKGROUND = "missed", "background"


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """A label predicted as another one, missed, or predicted on background."""

    truth: str
    predicted: str
    count: float
    fraction: float  # of the ground truth of the label; of the predictions on background


def confusion(report: EvaluationReport) -> Table | Text:
    """Render the matrix, or the most frequent pairs of more labels than fit a table."""
    if len(report.labels) <= _MAX_MATRIX_LABELS:
        return _matrix(report)
    return _pairs("Taken for another most often", list(pairs(report)))


def confusion_of(report: EvaluationReport, label: str) -> Table | Text:
    """Render the pairs that one label is part of."""
    mine = [pair for pair in pairs(report) if label in (pair.truth, pair.predicted)]
    return _pairs(f"{label} and others", mine)


def pairs(report: EvaluationReport) -> Iterator[ConfusedPair]:
    """Yield every pair of labels with a count, misses and false positives included."""
    names = [each.label for each in report.labels]
    counts = report.confusion.counts
    for row, truth in enumerate(names):
        support = report.labels[row].support
        for column, predicted in enumerate(names):
            if row != column and counts[row][column]:
                yield ConfusedPair(
                    truth, predicted, counts[row][column], counts[row][column] / support
                )
        if report.confusion.missed and report.confusion.missed[row]:
            missed = report.confusion.missed[row]
            yield ConfusedPair(truth, _MISSED, missed, missed / support)
    for column, unfounded in enumerate(report.confusion.background or ()):
        if unfounded:
            one = report.labels[column]
            shown = one.true_positives + one.false_positives
            yield ConfusedPair(_BACKGROUND, names[column], unfounded, unfounded / shown)


def _pairs(title: str, found: list[ConfusedPair]) -> Table | Text:
    if not found:
        return Text("Nothing was taken for anything else.", "green")
    table = plain_table(title)
    table.add_column("is", overflow="fold")
    table.add_column("taken for", overflow="fold")
    table.add_column("how often", justify="right")
    table.add_column("share", justify="right")
    ranked = sorted(found, key=lambda pair: (-pair.count, pair.truth, pair.predicted))
    for pair in ranked[:_MAX_PAIRS]:
        share = Text(f"{100 * pair.fraction:.0f} %", _heat(pair.fraction, _WRONG))
        table.add_row(escape(pair.truth), escape(pair.predicted), _number(pair.count), share)
    if len(ranked) > _MAX_PAIRS:
        table.add_row(f"… {len(ranked) - _MAX_PAIRS} more", style="dim")
    return table


def _matrix(report: EvaluationReport) -> Table:
    """Tabulate counts: rows are the ground truth, columns the predictions, by label number."""
    table = plain_table("What is taken for what (rows: what it is)")
    table.add_column("is", overflow="fold", min_width=8)
    for number in range(1, len(report.labels) + 1):
        table.add_column(str(number), justify="right")
    if report.confusion.missed is not None:
        table.add_column(_MISSED, justify="right")
    for number, each in enumerate(report.labels):
        row = report.confusion.counts[number]
        cells = [
            _cell(count, each.support, _RIGHT if column == number else _WRONG)
            for column, count in enumerate(row)
        ]
        if report.confusion.missed is not None:
            cells.append(_cell(report.confusion.missed[number], each.support, _WRONG))
        table.add_row(f"{number + 1} {escape(each.label)}", *cells)
    if report.confusion.background is not None:
        shown = [each.true_positives + each.false_positives for each in report.labels]
        unfounded = zip(report.confusion.background, shown, strict=True)
        cells = [_cell(count, whole, _WRONG) for count, whole in unfounded]
        table.add_row(Text(_BACKGROUND, "italic"), *cells)
    return table


def _cell(count: float, whole: float, colour: tuple[int, int, int]) -> Text:
    if not count:
        return Text("·", "dim")
    return Text(_number(count), _heat(count / whole if whole else 0.0, colour))


def _heat(fraction: float, colour: tuple[int, int, int]) -> Style:
    """Return a colour, stronger for a larger fraction; numbers stay readable on it."""
    strength = 0.35 + 0.65 * min(fraction, 1.0)
    red, green, blue = (round(strength * part) for part in colour)
    return Style(color="bright_white", bgcolor=f"rgb({red},{green},{blue})")


def _number(count: float) -> str:
    return f"{count:,.0f}" if count == int(count) else f"{count:,.1f}"
