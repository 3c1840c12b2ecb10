"""Parses metric math into a checked syntax tree, which is never executed as Python.

The grammar that Python and CloudWatch share is parsed by `ast`; only numbers, identifiers, lists,
+ - * / ^, parentheses and calls of known functions are allowed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from lensmith.domain.errors import LensmithError

FUNCTIONS = frozenset(
    [
        "ABS",
        "AVG",
        "CEIL",
        "DATAPOINT_COUNT",
        "FILL",
        "FLOOR",
        "MAX",
        "METRICS",
        "MIN",
        "PERIOD",
        "SUM",
    ]
)

_MAX_DEPTH = 150
_CHARACTERS = re.compile(r"""[A-Za-z0-9_+\-*/^().,\[\]\s"']*""", re.ASCII)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_SIGNS = (ast.UAdd, ast.USub)


class ExpressionError(LensmithError):
    """The expression cannot be evaluated; the message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression with allowed nodes only."""

    tree: ast.expr
    names: frozenset[str]  # ids of the queries that it refers to
    uses_metrics: bool  # METRICS(): every metric of the request


def parse_expression(text: str) -> Expression:
    """Parse and check an expression; raises ExpressionError."""
    if not _CHARACTERS.fullmatch(text):
        raise ExpressionError("it has characters that are not supported")
    try:
        # The power of CloudWatch; in Python ^ is another operator with another precedence.
        tree = ast.parse(" ".join(text.replace("^", "**").split()), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionError("it cannot be parsed") from error
    names: set[str] = set()
    functions: set[str] = set()
    _check(tree, names, functions)
    return Expression(tree, frozenset(names), "METRICS" in functions)


def _check(tree: ast.expr, names: set[str], functions: set[str]) -> None:
    """Raise ExpressionError for a node that is not allowed; collect names and functions."""
    pending: list[tuple[ast.expr, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > _MAX_DEPTH:
            raise ExpressionError("it is nested too deeply")
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Call):
            functions.add(_function(node))
        pending += [(part, depth + 1) for part in _parts(node)]


def _parts(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Name():
            return []
        case ast.Constant(value=int() | float() | str()) if not isinstance(node.value, bool):
            return []
        case ast.List(elts=elements):
            return elements
        case ast.UnaryOp(op=sign, operand=operand) if isinstance(sign, _SIGNS):
            return [operand]
        case ast.BinOp(left=left, op=operator, right=right) if isinstance(operator, _OPERATORS):
            return [left, right]
        case ast.Call(args=arguments, keywords=[]):
            return arguments
    raise ExpressionError("it has an operator or a form that is not supported")


def _function(call: ast.Call) -> str:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name not in FUNCTIONS:
        raise ExpressionError(f"the function {name or 'that it calls'} is not supported")
    return name
