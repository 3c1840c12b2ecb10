"""Environment variables that set something: how their text is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)
AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Variable(Generic[_T]):
    """An environment variable that sets one field.

    `parse` raises ValueError with what the text must be; `render` writes what `parse` reads.
    """

    name: str
    parse: Callable[[str], _T]
    render: Callable[[_T], str] = str
    is_secret: bool = False  # then no child process is given it

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
