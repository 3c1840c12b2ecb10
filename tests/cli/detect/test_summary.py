"""What is shown when a run has ended."""

from __future__ import annotations

import io

from rich.console import Console

from lensmith.cli.detect.result import Result
from lensmith.cli.detect.summary import Tally, show_in_the_end


def test_names_of_failures_cannot_steer_the_terminal() -> None:
    shown = io.StringIO()
    tally = Tally()
    with show_in_the_end(Console(file=shown, width=80), tally):
        tally.add(Result("\x1b[2J\x1b]0;owned\x07.jpg", error="Not a file."))
    assert "1 failed" in shown.getvalue()
    assert "?[2J?]0;owned?.jpg: Not a file." in shown.getvalue()
    assert "\x1b" not in shown.getvalue()
