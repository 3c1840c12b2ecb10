"""Docstrings, comments and names use the words that a reader would search for.

A docstring's first line begins with a verb and its object.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest
from tests.architecture.sources import PACKAGE, Source, python_files

_WORDS = re.compile(
    r"\b(whoever|somebody|anybody|nobody|so many|so much|hears|told|of ours)\b"
    r"|\b(is|are|was|were) (?-i:none)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"^_*(most|fewest|least|largest)_|^(chance|why_not)$|^_*(MOST|FEWEST|LEAST|LARGEST)_"
)
_HEADLESS = re.compile(r"(What|Whoever) ")

ROOMS = sorted(path.name for path in PACKAGE.iterdir() if not path.name.startswith("__"))


@pytest.mark.parametrize("room", ROOMS)
def test_prose_and_names(room: str) -> None:
    sources = [source for source in python_files("src") if _room(source) == room]
    found = [
        f"{source.path}:{line}: {what}" for source in sources for line, what in _faults(source)
    ]
    assert found == [], "see the rule at the top of tests/architecture/test_prose.py"


def _room(source: Source) -> str:
    return source.path.removeprefix("src/lensmith/").partition("/")[0]


def _faults(source: Source) -> Iterator[tuple[int, str]]:
    for line, text in _texts(source):
        for match in _WORDS.finditer(text):
            yield line + text.count("\n", 0, match.start()), match[0]
    for node in ast.walk(source.tree):
        line = getattr(node, "lineno", 1)
        if _HEADLESS.match(_docstring(node)):
            yield line, "a docstring without a verb"
        if _NAMES.match(_defined_name(node)):
            yield line, _defined_name(node)


def _texts(source: Source) -> Iterator[tuple[int, str]]:
    """Comments and texts, docstrings among them, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type in {tokenize.COMMENT, tokenize.STRING}:
            yield token.start[0], token.string


def _docstring(node: ast.AST) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
        return ast.get_docstring(node) or ""
    return ""


def _defined_name(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Name(ctx=ast.Store()):
            return node.id
        case ast.arg():
            return node.arg
    return ""
