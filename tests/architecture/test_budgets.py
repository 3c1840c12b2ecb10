"""Files and functions stay small; the exceptions are named and may only shrink."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import pytest
from tests.architecture import budgets
from tests.architecture.sources import Function, python_files

SOURCES = python_files("src")


def lines_of_files() -> dict[str, int]:
    return {source.path: source.text.count("\n") for source in SOURCES}


def lines(function: Function) -> int:
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def parameters(function: Function) -> int:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def by_function(measure: Callable[[Function], int]) -> dict[str, int]:
    """The largest measure of those functions of a file that share a name."""
    found: dict[str, int] = {}
    for source in SOURCES:
        for function in source.functions():
            name = f"{source.path}:{function.name}"
            found[name] = max(found.get(name, 0), measure(function))
    return found


@pytest.mark.parametrize(
    ("measure", "budget", "exceptions"),
    [
        pytest.param(lines_of_files, budgets.FILE_LINES, budgets.LONG_FILES, id="lines of files"),
        pytest.param(
            partial(by_function, lines),
            budgets.FUNCTION_LINES,
            budgets.LONG_FUNCTIONS,
            id="lines of functions",
        ),
        pytest.param(
            partial(by_function, parameters),
            budgets.PARAMETERS,
            budgets.MANY_PARAMETERS,
            id="parameters of functions",
        ),
    ],
)
def test_budgets_hold(
    measure: Callable[[], Mapping[str, int]], budget: int, exceptions: Mapping[str, int]
) -> None:
    measured = measure()
    over = {name: size for name, size in measured.items() if size > exceptions.get(name, budget)}
    assert not over, f"more than {budget}: split these, do not add exceptions"
    unneeded = {name for name in exceptions if measured.get(name, 0) <= budget}
    assert not unneeded, "remove these from tests/architecture/budgets.py"
