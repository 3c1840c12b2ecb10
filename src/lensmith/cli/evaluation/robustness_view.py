"""The robustness of a model in the terminal: answers that flip when a picture is changed."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table
from lensmith.evaluation.robustness import ChangeFlips, ChangeKind, Robustness

_STEADY, _SHAKY = 0.02, 0.1
_CHANGES = {
    ChangeKind.JPEG: "JPEG quality {0:g}",
    ChangeKind.VIDEO: "H.264 video, rate factor {0:g}",
    ChangeKind.RESIZED: "sides times {0:g}",
    ChangeKind.BLURRED: "blurred by {0:g} thousandths of a side",
    ChangeKind.TURNED: "stored turned (EXIF {0:g})",
    ChangeKind.BRIGHTNESS: "brightness times {0:g}",
    ChangeKind.GAMMA: "gamma {0:g}",
    ChangeKind.WHITE_BALANCE: "red times {0:g}, blue divided",
}


def show_robustness(console: Console, robustness: Robustness) -> None:
    """Show the share of answers that flip, over all changes and under each."""
    console.print(
        Text.assemble(
            ("Answers that flip on changed pictures ", "italic"),
            (f"{robustness.share:.1%}", "bold"),
            f" ({robustness.flips:,} of {robustness.answers:,}),"
            f" {robustness.pictures:,} test images",
        )
    )
    table = plain_table()
    table.add_column("the same picture")
    for name in ("changed", "of", "share"):
        table.add_column(name, justify="right")
    for each in robustness.changes:
        table.add_row(describe_change(each), *_figures(each))
    console.print(table)
    console.print(Padding("", 0))


def describe_change(change: ChangeFlips) -> str:
    """Name a change and its strength."""
    return _CHANGES[change.kind].format(change.value)


def _figures(change: ChangeFlips) -> tuple[str, str, str | Text]:
    if change.answers is None or change.share is None:
        return "-", "-", "needs PyAV"
    colour = "green" if change.share <= _STEADY else "yellow"
    if change.share > _SHAKY:
        colour = "red"
    return f"{change.flips:,}", f"{change.answers:,}", Text(f"{change.share:.1%}", colour)
