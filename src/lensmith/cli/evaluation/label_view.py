"""One label of an evaluation report in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lensmith.cli.evaluation.chart import Series, chart
from lensmith.cli.evaluation.confusion_view import confusion_of
from lensmith.cli.evaluation.view import bar, curves, heading, new_pictures_row
from lensmith.cli.terminal.plain_table import plain_table
from lensmith.evaluation.report import EvaluationReport, LabelReport

_MAX_CHART_WIDTH = 100


def show_label(console: Console, name: str, report: EvaluationReport, label: str) -> None:
    (one,) = (each for each in report.labels if each.label == label)
    console.print(heading(name, report))
    console.print(Padding(_figures(one), (1, 0)))
    if one.curve.thresholds:
        console.print(Text(f"{label}, assumed threshold {one.threshold:.3f}", "italic"))
        console.print(curves(one.curve, console.width, one.threshold))
        console.print()
        console.print(_precision_by_recall(one, console.width))
    console.print(Padding(confusion_of(report, label), (1, 0)))


def _figures(one: LabelReport) -> Table:
    table = plain_table(header=False)
    for name, value in (
        ("F1 score", one.f1_score),
        ("Precision", one.precision),
        ("Recall", one.recall),
        ("Average precision", one.average_precision),
    ):
        table.add_row(name, f"{value:.3f}", bar(value, 32))
        if name == "F1 score" and one.new_pictures is not None:
            table.add_row(*new_pictures_row(one.new_pictures))
    found = f"{one.true_positives:,} of {one.support:,}"
    table.add_row("Found", found, f"in {one.test_images:,} test images")
    table.add_row("False positives", f"{one.false_positives:,}", "")
    table.add_row("Calibration error", f"{one.calibration_error:.3f}", "")
    return table


def _precision_by_recall(one: LabelReport, width: int) -> Text:
    points = sorted(zip(one.curve.recall, one.curve.precision, strict=True))
    series = [Series("precision", "cyan", points)]
    return chart(series, min(width - 1, _MAX_CHART_WIDTH), "recall", one.recall)
