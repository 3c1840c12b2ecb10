"""A health report in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from lensmith.cli.connection.printable import printable
from lensmith.health.finding_kind import Severity
from lensmith.health.report import DatasetSummary, Finding, HealthReport, Item, LabelSummary

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_LABELS_SHOWN = 20
_NAME_LENGTH = 44  # characters of a source-ref, its end


def show_report(
    console: Console, project: str, report: HealthReport, *, is_current: bool, examples: int
) -> None:
    console.print(_datasets(project, report))
    if report.labels:
        console.print(_labels(report.labels))
    if report.findings:
        console.print(_findings(report.findings, examples))
    console.print(_verdict(report))
    if not is_current:
        console.print("[yellow]The datasets have changed since this check.[/yellow]")


def _datasets(project: str, report: HealthReport) -> Table:
    checked = datetime.fromtimestamp(report.checked_ms / 1000, UTC).astimezone()
    title = f"{escape(project)}, checked {checked:%Y-%m-%d %H:%M}"
    table = Table(title=title, title_justify="left")
    table.add_column("dataset")
    for name in ("entries", "labeled", "boxes", "images read", "median size", "most : least"):
        table.add_column(name, justify="right")
    for dataset in report.datasets:
        table.add_row(*_dataset(dataset))
    return table


def _dataset(summary: DatasetSummary) -> tuple[str, ...]:
    return (
        summary.dataset.value,
        f"{summary.entries:,}",
        f"{summary.labeled_entries:,}",
        f"{summary.boxes:,}",
        f"{summary.images_read:,}",
        f"{summary.median_width} x {summary.median_height}" if summary.images_read else "-",
        f"{summary.balance.ratio:g} : 1" if summary.balance else "-",
    )


def _labels(labels: tuple[LabelSummary, ...]) -> Table:
    """Tabulate the most and the least frequent labels."""
    table = Table(title="Labels", title_justify="left")
    table.add_column("label", overflow="fold")
    for name in ("train images", "train boxes", "test images", "test boxes"):
        table.add_column(name, justify="right")
    half = _LABELS_SHOWN // 2
    is_long = len(labels) > _LABELS_SHOWN
    for label in labels[:half] if is_long else labels:
        table.add_row(*_label(label))
    if is_long:
        table.add_row(f"… {len(labels) - 2 * half} more", style="dim")
        for label in labels[-half:]:
            table.add_row(*_label(label))
    return table


def _label(label: LabelSummary) -> tuple[str, ...]:
    counts = (label.train_images, label.train_boxes, label.test_images, label.test_boxes)
    return escape(label.name), *(f"{count:,}" if count else "-" for count in counts)


def _findings(findings: tuple[Finding, ...], examples: int) -> Table:
    table = Table(title="Findings", title_justify="left", show_lines=True)
    table.add_column("severity")
    table.add_column("found", justify="right")
    table.add_column("what, and what to do", overflow="fold")
    for finding in findings:
        style = _STYLES[finding.severity]
        table.add_row(
            Text(finding.severity.value, style),
            Text(f"{finding.count:,}"),
            _what(finding, examples),
        )
    return table


def _what(finding: Finding, examples: int) -> Text:
    title = finding.kind.value.replace("-", " ")
    text = Text.assemble((title, "bold"), f"\n{finding.advice}")
    shown = finding.items[:examples]
    for item in shown:
        text.append(f"\n{_line(item)}", "dim")
    if finding.count > len(shown) > 0:
        text.append(f"\nand {finding.count - len(shown):,} more", "dim")
    return text


def _line(item: Item) -> str:
    named = [part for part in (item.label, _short(item.source_ref)) if part]
    copies = [_short(source_ref) for source_ref in item.related] if item.source_ref else []
    line = f"{item.dataset.value} {' '.join(named)}".rstrip()
    if copies:
        line += f" = {', '.join(copies)}"
    return f"{line} ({item.detail})" if item.detail else line


def _short(source_ref: str | None) -> str:
    """Return the end of a source-ref, which tells images apart."""
    name = printable(source_ref or "")
    return name if len(name) <= _NAME_LENGTH else f"…{name[1 - _NAME_LENGTH :]}"


def _verdict(report: HealthReport) -> Text:
    counts = {
        severity: sum(finding.severity is severity for finding in report.findings)
        for severity in Severity
    }
    if not any(counts.values()):
        return Text("Nothing found: the datasets are healthy.", "bold green")
    parts = [
        Text(f"{count} {severity.value}{'' if count == 1 else 's'}", _STYLES[severity])
        for severity, count in counts.items()
        if count
    ]
    return Text(", ").join(parts)
