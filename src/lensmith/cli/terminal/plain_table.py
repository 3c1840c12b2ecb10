"""Tables of text alone: nothing is drawn around cells, so that they can be copied and piped."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

_NAME_WIDTH = 24


def plain_table(title: str | None = None, *, header: bool = True, footer: bool = False) -> Table:
    """Make a table whose columns stand two spaces apart; the title is taken as it is."""
    return Table(
        title=None if title is None else Text(title, no_wrap=True, overflow="ignore"),
        title_justify="left",
        title_style="bold",
        header_style="dim",
        show_header=header,
        show_footer=footer,
        box=None,
        pad_edge=False,
    )


def show_facts(console: Console, title: str, facts: Sequence[tuple[str, object]]) -> None:
    """Print a line each, its value whole however long it is."""
    console.print(Text(title, "bold"))
    for name, value in facts:
        console.print(
            f"{name:<{_NAME_WIDTH}}{value}", soft_wrap=True, markup=False, highlight=False
        )
