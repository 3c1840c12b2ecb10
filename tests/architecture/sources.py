"""The files of the repository that the gates read."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "src" / "lensmith"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file, by its path from the root of the repository."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _tree(self.text)

    def functions(self) -> tuple[Function, ...]:
        return _functions(self.text)


def python_files(*folders: str) -> list[Source]:
    """Every Python file below these folders of the repository, in order."""
    return [
        Source(str(path.relative_to(REPOSITORY)), path.read_text("utf-8"))
        for folder in folders
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
    ]


def pages() -> dict[Path, str]:
    """Every page of the documentation, with its text."""
    found = [
        *REPOSITORY.glob("*.md"),
        *(REPOSITORY / "docs").rglob("*.md"),
        *(REPOSITORY / "research").glob("*.md"),
    ]
    return {page: page.read_text("utf-8") for page in sorted(found)}


@cache
def _functions(text: str) -> tuple[Function, ...]:
    return tuple(node for node in ast.walk(_tree(text)) if isinstance(node, Function))


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)
