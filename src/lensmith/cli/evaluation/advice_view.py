"""Warnings and advice about a version in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from lensmith.cli.terminal.printable import printable
from lensmith.evaluation.advice import Advice, AdviceCode

if TYPE_CHECKING:
    from rich.console import Console

    from lensmith.cli.connection.lensmith_api import LensmithApi

_WORDS: dict[AdviceCode, Callable[[Advice], str]] = {
    AdviceCode.WEAK_MODEL: lambda one: (
        f"F1 is {one.value:.3f}: a weak model. Look at its mistakes before you use it."
    ),
    AdviceCode.CUT_SHORT: lambda one: (
        f"The training ran out of time{_budget(one.value)}. A larger budget may give a better "
        "model: lensmith train PROJECT --budget SECONDS."
    ),
    AdviceCode.FEW_TEST_IMAGES: lambda one: (
        f"{one.label} has {_pictures(one.count)} in the test dataset: its figures say little. "
        "Add more."
    ),
    AdviceCode.MORE_TEST_IMAGES: lambda one: (
        f"{one.label} has {_pictures(one.count)} in the test dataset. With more its figures are "
        "more reliable."
    ),
    AdviceCode.CONFUSED: lambda one: (
        f"{one.label} has {_pictures(one.images)} in the test dataset; {_number(one.count)} of its "
        f"{_number(one.total)} mistakes are {one.other}: add pictures of {one.label} beside "
        f"{one.other}."
    ),
    AdviceCode.MISSED: lambda one: (
        f"{_number(one.count)} of {_number(one.total)} {one.label} are missed: add pictures like "
        "the missed ones."
    ),
    AdviceCode.FALSE_ALARMS: lambda one: (
        f"{one.label} is found {_number(one.count)} times where nothing is: add pictures without "
        "it, and label what looks like it."
    ),
}


def read_advice(api: LensmithApi, version_path: str) -> list[Advice]:
    """Read warnings and advice; none for a version older than evaluation reports."""
    import msgspec

    from lensmith.cli.connection.lensmith_api import LensmithApiError

    try:
        answered = api.call("GET", f"{version_path}/advice")
    except LensmithApiError:
        return []
    return msgspec.convert(answered["advice"], list[Advice])


def show_advice(console: Console, advice: Sequence[Advice]) -> None:
    for one in advice:
        about = ("Warning: ", "bold red") if one.is_warning else ("Advice: ", "bold")
        console.print(Text.assemble(about, printable(advice_words(one))))


def advice_words(advice: Advice) -> str:
    return _WORDS[advice.code](advice)


def _budget(seconds: float | None) -> str:
    return "" if seconds is None else f" ({seconds:.0f} s)"


def _pictures(count: float | None) -> str:
    return "1 picture" if count == 1 else f"{_number(count)} pictures"


def _number(count: float | None) -> str:
    return f"{count or 0:.0f}"
