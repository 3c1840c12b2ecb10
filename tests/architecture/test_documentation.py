"""Every variable, route and command is documented, and no variable is that does not exist."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from tests.architecture.sources import REPOSITORY, Source, pages, python_files

from lensmith import config
from lensmith.cli import app
from lensmith.config import Quotas, Settings

PAGES = {str(path.relative_to(REPOSITORY)): text for path, text in pages().items()}
RUNNING = PAGES["docs/running.md"]
QUOTAS = re.search(r"^Quotas: .*$", RUNNING, re.M)

_OF_BENCHMARKS = {"LENSMITH_DATA"}
_QUOTA_PREFIX = "LENSMITH_QUOTA_"
_ROUTES = {"Route", "WebSocketRoute", "Mount"}
_CODE = re.compile(r"`([^`\n]+)`")
_PARAMETER = re.compile(r"\{[^}]*\}")


def settings() -> list[tuple[str, Any]]:
    return [(variable.name, field.default) for field, variable in config.variables(Settings)]


def quotas() -> list[tuple[str, Any]]:
    return [
        (variable.name.removeprefix(_QUOTA_PREFIX), field.default)
        for field, variable in config.variables(Quotas)
    ]


def commands(group: typer.Typer = app, name: str = "lensmith") -> Iterator[str]:
    """Every command as it is typed, without its arguments."""
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{name} {command.name or command.callback.__name__}"
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, f"{name} {inner.name}")


def path_of(source: Source, expression: ast.expr) -> str:
    """Evaluate the path of a route in the names of its module."""
    name = source.path.removeprefix("src/").removesuffix(".py").replace("/", ".")
    module = importlib.import_module(name.removesuffix(".__init__"))
    code = compile(ast.Expression(expression), source.path, "eval")
    path = eval(code, vars(module))
    assert isinstance(path, str)
    return path


def routes() -> Iterator[str]:
    """The path of every `Route(...)` in the source, its parameters without names."""
    for source in python_files("src/lensmith/api"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in _ROUTES:
                yield _PARAMETER.sub("{}", path_of(source, node.args[0]))


def documented_paths() -> set[str]:
    codes = [code for text in PAGES.values() for code in _CODE.findall(text)]
    words = {word.partition("?")[0] for code in codes for word in code.split()}
    return {_PARAMETER.sub("{}", word) for word in words if word.startswith(("/", "…/"))}


@pytest.mark.parametrize(("name", "default"), settings())
def test_every_variable_is_in_the_table_of_settings(name: str, default: object) -> None:
    row = re.search(rf"^\| .*\| `{name}` \| (.+?) \|", RUNNING, re.M)
    assert row, f"docs/running.md has no row of {name}"
    if default and isinstance(default, str | int):
        assert row[1].strip("`") == str(default)


@pytest.mark.parametrize(("name", "default"), quotas())
def test_every_quota_is_documented_with_its_default(name: str, default: int) -> None:
    assert QUOTAS
    written = re.search(rf"`{name}` ([\d,^]*\d)", QUOTAS[0])
    assert written, f"docs/running.md has no quota {name}"
    base, _, power = written[1].replace(",", "").partition("^")
    assert int(base) ** int(power or 1) == default


def test_no_variable_is_documented_that_does_not_exist() -> None:
    secrets = {it.file_name for _, it in config.variables(Settings) if it.is_secret}
    known = (
        secrets | {name for name, _ in settings()} | {_QUOTA_PREFIX + name for name, _ in quotas()}
    )
    for page, text in PAGES.items():
        written = set(re.findall(r"\bLENSMITH_[A-Z0-9_]*[A-Z0-9]\b", text)) - {"LENSMITH_QUOTA"}
        assert written - known - _OF_BENCHMARKS == set(), page


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_is_documented(command: str) -> None:
    assert any(f"{command}" in text for text in PAGES.values()), f"no page shows `{command}`"


@pytest.mark.parametrize("route", sorted(set(routes())))
def test_every_route_is_documented(route: str) -> None:
    documented = documented_paths()
    ends = {path.removeprefix("…") for path in documented if path.startswith("…")}
    assert route in documented or any(route.endswith(end) for end in ends)


def test_decisions_are_numbered_one_after_another() -> None:
    found = sorted(path for path in PAGES if path.startswith("docs/decisions/0"))
    numbers = [path.removeprefix("docs/decisions/")[:4] for path in found]
    assert numbers == [f"{number:04}" for number in range(1, len(found) + 1)]
    assert [PAGES[path][:6] for path in found] == [f"# {number}" for number in numbers]
