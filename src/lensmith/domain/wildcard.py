"""Texts with `*`, `?` and `${variable}` as IAM policies write them (api.md 4.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Self

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = ("*", "?", "$")  # ${*} is a star that stands for itself


class UnresolvedVariable(ValueError):  # noqa: N818
    """A policy variable without exactly one value in the request."""


class Joker(Enum):
    """A wildcard among the tokens of a text."""

    ONE = "?"
    RUN = "*"  # any number of characters, `/` and `:` included


Token = str | Joker


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A text in which a wildcard may stand for other characters."""

    tokens: tuple[Token, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a text without variables."""
        return cls(_tokens(text))

    @classmethod
    def resolve(
        cls, text: str, context: Mapping[str, tuple[str, ...]], *, wild: bool = True
    ) -> Self:
        """Replace each `${key}` of a text; `*` and `?` stand for themselves unless `wild`.

        A value is taken literally, also where it contains wildcards.
        Raises UnresolvedVariable when a key has not exactly one value.
        """
        read = _tokens if wild else tuple
        tokens: list[Token] = []
        end = 0
        for variable in _VARIABLE.finditer(text):
            tokens += read(text[end : variable.start()])
            tokens += _value(variable[1], context)
            end = variable.end()
        return cls((*tokens, *read(text[end:])))

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches; takes O(len(tokens) * len(text)) time."""
        if self.tokens == (Joker.RUN,):
            return True
        token = position = 0
        run: int | None = None  # the last RUN passed, and where the text stood then
        run_position = 0
        while position < len(text):
            if token < len(self.tokens) and self.tokens[token] is Joker.RUN:
                run, run_position = token, position
                token += 1
            elif token < len(self.tokens) and self.tokens[token] in (Joker.ONE, text[position]):
                token += 1
                position += 1
            elif run is not None:
                run_position += 1
                token, position = run + 1, run_position
            else:
                return False
        return all(rest is Joker.RUN for rest in self.tokens[token:])


def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(Joker(character) if character in "*?" else character for character in text)


def _value(variable: str, context: Mapping[str, tuple[str, ...]]) -> str:
    if variable in _LITERALS:
        return variable
    values = context.get(variable.strip().lower(), ())
    if len(values) != 1:
        raise UnresolvedVariable(f"{variable} has not exactly one value")
    return values[0]
