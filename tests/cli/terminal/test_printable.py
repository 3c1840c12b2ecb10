"""What a terminal gets to see of hostile names."""

from __future__ import annotations

from lensmith.cli.terminal.printable import printable


def test_what_would_steer_a_terminal_becomes_question_marks() -> None:
    assert printable("s3://b/\x1b]0;owned\x07\r\n\u202egpj.exe") == "s3://b/?]0;owned????gpj.exe"


def test_other_scripts_stay() -> None:
    assert printable("naïve/東京 (1).jpg") == "naïve/東京 (1).jpg"
