"""docs/validation-codes.md names every code, with tests that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lensmith.manifest.line.finding import Code

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "validation-codes.md"


def rows() -> list[tuple[str, str, str, str]]:
    """Code, moment, place and test of every row."""
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [
        (code.strip("`"), moment, where, test.strip("`")) for code, moment, where, test in cells
    ]


def test_every_code_has_a_row() -> None:
    assert list(dict.fromkeys(code for code, *_ in rows())) == [code.name for code in Code]


@pytest.mark.parametrize(("code", "moment", "where", "test"), rows())
def test_the_test_of_a_code_exists(code: str, moment: str, where: str, test: str) -> None:
    """It bears the name of the code."""
    path, name = test.split("::")
    module = ast.parse((ROOT / path).read_text())
    defined = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    assert name in defined
    assert name == f"test_{code.lower()}"
    assert moment in {"dataset", "distribute", "training"}
    assert where


def test_the_table_is_aligned() -> None:
    widths = {len(line) for line in TABLE.read_text().splitlines() if line.startswith("|")}
    assert len(widths) == 1
