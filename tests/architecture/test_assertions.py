"""Every test asserts something, by itself or through a function of the tests that it calls.

Tests wait through `tests/support/eventually.py` alone, never for a time.
"""

from __future__ import annotations

import ast

from tests.architecture.sources import Function, python_files

_ASSERTING = {"raises", "fail", "warns"}
_MAY_SLEEP = {
    "tests/support/eventually.py",
    "tests/training/data/test_prefetch.py",  # producers and consumers of uneven pace
}


def test_every_test_asserts() -> None:
    functions = [
        (source.path, function)
        for source in python_files("tests")
        for function in source.functions()
    ]
    asserting = _asserting([function for _, function in functions])
    without = {
        f"{path}:{function.name}"
        for path, function in functions
        if function.name.startswith("test_") and function.name not in asserting
    }
    assert without == set()


def test_no_test_waits_for_a_time() -> None:
    sleeping = {
        source.path
        for source in python_files("tests")
        if any(
            isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep"
            for node in ast.walk(source.tree)
        )
    }
    assert sleeping - _MAY_SLEEP == set(), "wait by tests/support/eventually.py"


def _asserting(functions: list[Function]) -> set[str]:
    """Names of functions that assert, or call one that does."""
    found = {function.name for function in functions if _asserts(function)} | _ASSERTING
    called = [(function.name, _called(function)) for function in functions]
    while more := {name for name, calls in called if name not in found and calls & found}:
        found |= more
    return found


def _asserts(function: Function) -> bool:
    if any(name.startswith("assert_") for name in _called(function)):  # of NumPy or PyTorch
        return True
    return any(isinstance(node, ast.Assert) for node in ast.walk(function))


def _called(function: Function) -> set[str]:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.attr if isinstance(call, ast.Attribute) else ast.unparse(call) for call in calls}
