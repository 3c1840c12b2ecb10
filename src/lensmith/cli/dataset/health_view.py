"""A health report in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.terminal.printable import printable
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
        console.print()
        for finding in report.findings:
            _show_finding(console, finding, examples)
    console.print(_verdict(report))
    if not is_current:
        console.print("[yellow]The datasets have changed since this check.[/yellow]")


def _datasets(project: str, report: HealthReport) -> Table:
    checked = datetime.fromtimestamp(report.checked_ms / 1000, UTC).astimezone()
    table = plain_table(f"{project}, checked {checked:%Y-%m-%d %H:%M}")
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
    table = plain_table("Labels")
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


def _show_finding(console: Console, finding: Finding, examples: int) -> None:
    """Print a finding, what to do about it, and examples."""
    severity = Text(finding.severity.value, _STYLES[finding.severity])
    title = (finding.kind.value.replace("-", " "), "bold")
    console.print(Text.assemble(severity, f", {finding.count:,} x ", title))
    lines = [Text(finding.advice)]
    shown = finding.items[:examples]
    lines += [Text(_line(item), "dim") for item in shown]
    if finding.count > len(shown) > 0:
        lines.append(Text(f"and {finding.count - len(shown):,} more", "dim"))
    console.print(Padding(Text("\n").join(lines), (0, 0, 1, 2)))


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
