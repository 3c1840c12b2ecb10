"""Tables that can be copied."""

from __future__ import annotations

import io
import unicodedata

from rich.console import Console
from tests.architecture.sources import python_files

from lensmith.cli.terminal.plain_table import plain_table, show_facts


def test_nothing_is_drawn_around_cells() -> None:
    table = plain_table("Models [of] mine")
    table.add_column("model")
    table.add_column("F1", justify="right")
    table.add_row("flowers", "0.9")
    output = io.StringIO()
    Console(file=output, width=80).print(table)
    assert [line.rstrip() for line in output.getvalue().splitlines()] == [
        "Models [of] mine",
        "model     F1",
        "flowers  0.9",
    ]


def test_a_long_value_stays_one_line() -> None:
    output = io.StringIO()
    place = f"s3://bucket/{'folder/' * 20}[x].manifest"
    show_facts(Console(file=output, width=80), "Wrote", [("Lines", 3), ("Manifest", place)])
    assert output.getvalue().splitlines()[1:] == [f"{'Lines':<24}3", f"{'Manifest':<24}{place}"]


def test_no_command_draws_boxes() -> None:
    sources = {source.path: source.text for source in python_files("src/lensmith/cli")}
    made = {path for path, text in sources.items() if " Table(" in text or "rich.box" in text}
    assert made == {"src/lensmith/cli/terminal/plain_table.py"}
    drawn = {
        path
        for path, text in sources.items()
        if any("BOX DRAWINGS" in unicodedata.name(one, "") for one in text)
    }
    assert drawn <= {"src/lensmith/cli/evaluation/chart.py"}  # axes of a curve
