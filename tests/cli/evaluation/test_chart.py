"""Curves in the terminal."""

from __future__ import annotations

import pytest

from lensmith.cli.evaluation.chart import Series, chart

BLANK = "\N{BRAILLE PATTERN BLANK}"


def drawn(*series: Series, marked: float | None = None, width: int = 46) -> list[str]:
    return chart(series, width, "threshold", marked).plain.splitlines()


@pytest.mark.parametrize("width", [30, 79, 100])
def test_it_is_as_wide_as_asked(width: int) -> None:
    lines = drawn(Series("F1", "green", [(0.0, 0.0), (1.0, 1.0)]), width=width)
    assert max(map(len, lines)) == width
    assert len({len(line) for line in lines if "│" in line}) == 1


def test_the_ends_of_a_curve_are_drawn() -> None:
    top, *_, bottom = [
        line for line in drawn(Series("F1", "green", [(0.0, 0.0), (1.0, 1.0)])) if "│" in line
    ]
    assert top.startswith(" 1.0 │")
    assert top[-1] != BLANK
    assert bottom.startswith(" 0.0 │")
    assert bottom[6] != BLANK


def test_a_flat_curve_at_one_is_a_line() -> None:
    lines = drawn(Series("recall", "yellow", [(0.0, 1.0), (1.0, 1.0)]))
    assert BLANK not in lines[1]
    assert set(lines[2][6:]) == {BLANK}


def test_axes_legend_and_mark() -> None:
    lines = drawn(Series("F1", "green", [(0.2, 0.5)]), Series("recall", "yellow", []), marked=0.5)
    assert lines[0].split() == ["━", "F1", "━", "recall", "by", "threshold"]
    assert lines[-1].split() == ["0", "0.25", "0.5", "0.75", "1"]
    middle = 6 + 40 // 2
    assert all(set(line[middle - 1 : middle + 1]) != {BLANK} for line in lines if "│" in line)
    assert lines[-1].index("0.5") in range(middle - 2, middle + 2)
