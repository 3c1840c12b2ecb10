"""Environment variables that set something: how their text is read and written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
AUTO = "auto"
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Variable(Generic[_T]):
    """An environment variable that sets one field.

    `parse` raises ValueError with what the text must be; `render` writes what `parse` reads.
    """

    name: str
    parse: Callable[[str], _T]
    render: Callable[[_T], str] = str
    is_secret: bool = False  # then no child process is given it

    @property
    def file_name(self) -> str:
        """Name the variable that may name a file with a secret instead."""
        return f"{self.name}_FILE"

    def given(self, environment: Mapping[str, str]) -> str | None:
        """Return its text in the environment, a secret's also from its file; None without.

        Raises ValueError, naming the variable and the file, if that cannot be read.
        """
        path = environment.get(self.file_name, "") if self.is_secret else ""
        if self.name in environment or not path:
            return environment.get(self.name)
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ValueError(f"{self.file_name}: {path}: {error.strerror}.") from None

    def read(self, text: str) -> _T:
        """Raises ValueError, naming the variable and what it must be."""
        try:
            return self.parse(text)
        except ValueError as error:
            raise ValueError(f"{self.name} must be {error}, not {text!r}.") from None


def choice_or_auto(choices: type[_E], text: str) -> _E | None:
    """Parse one of the choices, or None for `auto`; raises ValueError."""
    if text not in (AUTO, *choices):
        raise ValueError(" or ".join((AUTO, *choices)))
    return None if text == AUTO else choices(text)


def rendered_choice(choice: StrEnum | None) -> str:
    """Write what `choice_or_auto` reads."""
    return choice or AUTO


def whole_number(text: str) -> int:
    """Parse digits; raises ValueError."""
    if not (text.isascii() and text.strip().isdigit()):
        raise ValueError("a whole number, 0 or more")
    return int(text)


def amount(text: str) -> float:
    """Parse a number of CPUs or GPUs, of which Ray knows ten thousandths; raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text):
        raise ValueError("a number, 0 or more, as 0.5")
    return float(text)


def positive(text: str) -> int:
    """Parse a whole number that is not 0; raises ValueError."""
    if not whole_number(text):
        raise ValueError("a whole number, 1 or more")
    return int(text)


def port_number(text: str) -> int:
    """Parse a port; raises ValueError."""
    if whole_number(text) > _MAX_PORT:
        raise ValueError(f"a port, 1 to {_MAX_PORT}")
    return int(text)


def listed_names(text: str) -> tuple[str, ...]:
    """Return the names between commas, each once and in their order."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
