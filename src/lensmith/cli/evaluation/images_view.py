"""Test images and their wrong predictions, in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table
from lensmith.cli.terminal.printable import printable
from lensmith.evaluation.image_result import ImageResult, Result
from lensmith.evaluation.report import EvaluationReport

_MISTAKES_SHOWN = 4  # of one picture
_NAME_LENGTH = 32  # characters of a source-ref, its end


def show_images(
    console: Console,
    report: EvaluationReport,
    images: Sequence[ImageResult],
    total: int,
    outcomes: frozenset[str],
    label: str | None,
) -> None:
    """Print the pictures with mistakes of these outcomes, of one label if given."""
    if not images:
        console.print("No test image has such a mistake.", style="green")
        return
    thresholds = {each.label: each.threshold for each in report.labels}
    title = f"The worst {len(images):,} of {total:,} pictures with such a mistake"
    table = plain_table(title)
    table.add_column("wrong", justify="right")
    table.add_column("picture", min_width=_NAME_LENGTH)
    table.add_column("mistakes (confidence, threshold)", overflow="fold")
    for image in images:
        wrong = [
            each
            for each in image.results
            if each.outcome in outcomes and label in (None, each.label)
        ]
        mistakes = Text("\n").join(_mistakes(wrong, thresholds))
        table.add_row(f"{image.wrongness:.1f}", Text(_picture(image)), mistakes)
    console.print(table)


def _mistakes(wrong: Sequence[Result], thresholds: dict[str, float]) -> Iterator[Text]:
    for each in wrong[:_MISTAKES_SHOWN]:
        is_missed = each.outcome == "false-negative"
        said = ("missed ", "yellow") if is_missed else ("false ", "red")
        sure = f" ({100 * each.confidence:.1f} %, {100 * thresholds[each.label]:.1f} %)"
        yield Text.assemble(said, (each.label, "bold"), (sure, "dim"))
    if len(wrong) > _MISTAKES_SHOWN:
        yield Text(f"and {len(wrong) - _MISTAKES_SHOWN} more", "dim")


def _picture(image: ImageResult) -> str:
    """Return the end of the source-ref, which tells images apart, and what is on the image."""
    name = printable(image.source_ref)
    if len(name) > _NAME_LENGTH:
        name = f"…{name[1 - _NAME_LENGTH :]}"
    if image.width is not None:
        return name
    return f"{name}\nis {', '.join(each.label for each in image.truth)}"
