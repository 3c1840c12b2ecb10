"""An evaluation report in the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.bar import Bar
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lensmith.cli.evaluation.chart import Series, chart
from lensmith.cli.evaluation.confusion_view import confusion
from lensmith.cli.evaluation.robustness_view import show_robustness
from lensmith.cli.terminal.plain_table import plain_table
from lensmith.evaluation.calibration import Basis, Bin, Calibration
from lensmith.evaluation.curve import Curve
from lensmith.evaluation.new_pictures import NewPictures
from lensmith.evaluation.report import EvaluationReport, LabelReport

_LABELS_SHOWN = 40
_MAX_CHART_WIDTH = 100
_GOOD, _FAIR = 0.9, 0.7
_NOTICEABLE, _GROSS = 0.05, 0.15  # distance between confidence and accuracy
_BASES = {
    Basis.TOP_LABEL: "best label of each image",
    Basis.EACH_LABEL: "every label on every image",
    Basis.BOXES: "every predicted box",
}


def show_evaluation(console: Console, name: str, report: EvaluationReport) -> None:
    console.print(heading(name, report))
    console.print(Padding(_figures(report), (1, 0)))
    console.print(_labels(report.labels))
    console.print()
    console.print(Text("One threshold for all labels, as MinConfidence sets it", "italic"))
    console.print(curves(report.mean_curve, console.width))
    console.print(Padding(confusion(report), (1, 0)))
    console.print(_calibration_line(report.calibration))
    console.print(_bins(report.calibration.bins))
    console.print()
    if report.robustness is not None:
        show_robustness(console, report.robustness)


def heading(name: str, report: EvaluationReport) -> Text:
    what = (
        f"{report.task} of {len(report.labels)} labels, {report.testing_images:,} test images, "
        f"{report.evaluated[:16].replace('T', ' ')} UTC"
    )
    return Text.assemble((name, "bold"), "  ", what)


def curves(curve: Curve, width: int, marked: float | None = None) -> Text:
    """Draw precision, recall and F1 by threshold."""
    series = [
        Series(name, colour, list(zip(curve.thresholds, values, strict=True)))
        for name, colour, values in (
            ("precision", "blue", curve.precision),
            ("recall", "yellow", curve.recall),
            ("F1", "green", curve.f1_score),
        )
    ]
    return chart(series, min(width - 1, _MAX_CHART_WIDTH), "threshold", marked)


def bar(value: float, width: int) -> Bar:
    return Bar(1.0, 0.0, value, width=width, color=shade(value))


def shade(value: float) -> str:
    if value >= _GOOD:
        return "green"
    return "yellow" if value >= _FAIR else "red"


def _figures(report: EvaluationReport) -> Table:
    table = plain_table(header=False)
    for name, value in _means(report):
        table.add_row(name, f"{value:.3f}", bar(value, 32))
        if name == "F1 score" and report.new_pictures is not None:
            table.add_row(*new_pictures_row(report.new_pictures))
    for name, value in _sizes(report):
        table.add_row(Text(f"  {name}", "dim"), f"{value:.3f}", bar(value, 32))
    return table


def new_pictures_row(expected: NewPictures) -> tuple[Text, str, str]:
    """Build the row of F1 on pictures that did not choose the thresholds, with its interval."""
    interval = f"95 % between {expected.low:.2f} and {expected.high:.2f}"
    return Text("  on new pictures", "dim"), f"{expected.f1_score:.3f}", interval


def _means(report: EvaluationReport) -> Iterable[tuple[str, float]]:
    yield "F1 score", report.f1_score
    yield "Precision", report.precision
    yield "Recall", report.recall
    if report.detection is None:
        yield "Average precision", report.average_precision
    else:
        yield "AP, IoU 0.5", report.average_precision
        yield "AP, IoU 0.5 to 0.95", report.detection.average_precision_50_95


def _sizes(report: EvaluationReport) -> Iterable[tuple[str, float]]:
    """List the sizes that the test set has."""
    for each in report.detection.sizes if report.detection else ():
        if each.boxes:
            yield f"AP of {each.boxes:,} {each.size.value}", each.average_precision


def _labels(labels: tuple[LabelReport, ...]) -> Table:
    """Build the table of labels, the weakest first."""
    ranked = sorted(labels, key=lambda each: (each.test_images == 0, each.f1_score, each.label))
    table = plain_table("Labels, the weakest first")
    table.add_column("label", overflow="fold", min_width=8)
    table.add_column("F1", justify="right")
    table.add_column("", min_width=10)
    for name in ("prec.", "recall", "thresh.", "images", "AP"):
        table.add_column(name, justify="right")
    for each in ranked[:_LABELS_SHOWN]:
        table.add_row(*_label(each), style="dim" if each.test_images == 0 else None)
    if len(ranked) > _LABELS_SHOWN:
        table.add_row(f"… {len(ranked) - _LABELS_SHOWN} more", style="dim")
    return table


def _label(each: LabelReport) -> tuple[str | Bar, ...]:
    if each.test_images == 0:
        return escape(each.label), "-", "untested", "-", "-", f"{each.threshold:.3f}", "0", "-"
    return (
        escape(each.label),
        f"{each.f1_score:.3f}",
        bar(each.f1_score, 10),
        f"{each.precision:.3f}",
        f"{each.recall:.3f}",
        f"{each.threshold:.3f}",
        f"{each.test_images:,}",
        f"{each.average_precision:.3f}",
    )


def _calibration_line(calibration: Calibration) -> Text:
    figures = f"{calibration.expected_error:.3f} (mean of the bins {calibration.average_error:.3f})"
    return Text.assemble(
        ("Expected calibration error ", "italic"),
        (figures, "bold"),
        f", {_BASES[calibration.basis]}",
    )


def _bins(bins: tuple[Bin, ...]) -> Table:
    """Tabulate the reliability diagram: confidence, accuracy and count of each bin."""
    table = plain_table()
    table.add_column("%", style="dim")
    for each in bins:
        ends = f"{100 * each.low:.0f}-{100 * each.high:.0f}"
        table.add_column(ends, justify="right", min_width=5)
    table.add_row("sure", *(f"{100 * each.confidence:.0f}" if each.count else "" for each in bins))
    table.add_row("right", *(_right(each) for each in bins))
    table.add_row("number", *(f"{each.count:,}" if each.count else "" for each in bins))
    return table


def _right(each: Bin) -> Text:
    if not each.count:
        return Text()
    distance = abs(each.accuracy - each.confidence)
    grade = "yellow" if distance > _NOTICEABLE else "green"
    return Text(f"{100 * each.accuracy:.0f}", "red" if distance > _GROSS else grade)
