"""Every test asserts something, by itself or through a function of the tests that it calls."""

from __future__ import annotations

import ast

from tests.architecture.sources import Function, python_files

_ASSERTING = {"raises", "fail", "warns"}


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


def _asserting(functions: list[Function]) -> set[str]:
    """Names of functions that assert, or call one that does."""
    found = {function.name for function in functions if _asserts(function)} | _ASSERTING
    while more := {f.name for f in functions if f.name not in found and _called(f) & found}:
        found |= more
    return found


def _asserts(function: Function) -> bool:
    if any(name.startswith("assert_") for name in _called(function)):  # of NumPy or PyTorch
        return True
    return any(isinstance(node, ast.Assert) for node in ast.walk(function))


def _called(function: Function) -> set[str]:
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {ast.unparse(call).rpartition(".")[2] for call in calls}
