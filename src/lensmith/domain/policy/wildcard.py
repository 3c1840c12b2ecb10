"""Texts with `*`, `?` and `${variable}` as IAM policies write them (api.md 4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Self, TypeAlias

_VARIABLE = re.compile(r"\$\{(?P<given>[^{}]*)\}")
_KEY = re.compile(r"\s*(?P<key>[^\s,'{}]+)\s*(?:,\s*'(?P<default>[^']*)'\s*)?")
_LITERALS = ("*", "?", "$")  # ${*} is a star that stands for itself

Context: TypeAlias = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case (`aws:resourcetag/team`) to values; absent without a value."""


class UnresolvedVariable(ValueError):  # noqa: N818
    """A policy variable without exactly one value in the request."""


class Joker(Enum):
    """A wildcard among the tokens of a text."""

    ONE = "?"
    RUN = "*"  # any number of characters, `/` and `:` included


Token: TypeAlias = str | Joker  # a single character, or a wildcard


@dataclass(frozen=True, slots=True)
class Wildcard:
    """A text in which a wildcard may stand for other characters."""

    tokens: tuple[Token, ...]
    prefix: str | None  # the text, or all of it before one last `*`; None when it has others

    @classmethod
    def of(cls, tokens: Iterable[Token]) -> Self:
        given = tuple(tokens)
        start = given[:-1] if given[-1:] == (Joker.RUN,) else given
        plain = all(isinstance(token, str) for token in start)
        return cls(given, "".join(map(str, start)) if plain else None)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a text without variables."""
        return cls.of(_tokens(text))

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches; takes O(len(tokens) * len(text)) time."""
        if self.prefix is not None:
            ends_open = len(self.tokens) > len(self.prefix)
            return text.startswith(self.prefix) if ends_open else text == self.prefix
        return self._matches(text)

    def _matches(self, text: str) -> bool:
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


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}`, or `${key, 'default'}`."""

    key: str  # in lower case
    default: str | None = None

    @classmethod
    def parse(cls, given: str) -> Self:
        """Raises ValueError for what is no key with an optional quoted default."""
        match = _KEY.fullmatch(given)
        if match is None:
            raise ValueError(f"${{{given[:64]}}} is no policy variable")
        return cls(match["key"].lower(), match["default"])

    def value(self, context: Context) -> str:
        """Raises UnresolvedVariable unless the key has one value, or none and a default."""
        values = context.get(self.key, ())
        if len(values) == 1:
            return values[0]
        if not values and self.default is not None:
            return self.default
        raise UnresolvedVariable(f"{self.key} has not exactly one value")


@dataclass(frozen=True, slots=True)
class Template:
    """A text of a policy whose variables are replaced for each request."""

    parts: tuple[Token | Variable, ...]
    fixed: Wildcard | None  # without variables

    @classmethod
    def parse(cls, text: str, *, variables: bool, wild: bool = True) -> Self:
        """Parse a text; `*` and `?` stand for themselves unless `wild`.

        Without `variables`, as in policies of 2008-10-17, `${` is text like any other.
        Raises ValueError for a variable that is malformed.
        """
        parts = tuple(_parts(text, wild=wild) if variables else _plain(text, wild=wild))
        tokens = [part for part in parts if not isinstance(part, Variable)]
        return cls(parts, Wildcard.of(tokens) if len(tokens) == len(parts) else None)

    def resolve(self, context: Context) -> Wildcard:
        """Replace the variables; a value is taken literally, also where it has wildcards.

        Raises UnresolvedVariable.
        """
        if self.fixed is not None:
            return self.fixed
        tokens: list[Token] = []
        for part in self.parts:
            tokens += part.value(context) if isinstance(part, Variable) else (part,)
        return Wildcard.of(tokens)


def _parts(text: str, *, wild: bool) -> Iterable[Token | Variable]:
    end = 0
    for variable in _VARIABLE.finditer(text):
        yield from _plain(text[end : variable.start()], wild=wild)
        given = variable["given"]
        yield given if given in _LITERALS else Variable.parse(given)
        end = variable.end()
    yield from _plain(text[end:], wild=wild)


def _plain(text: str, *, wild: bool) -> Iterable[Token]:
    return _tokens(text) if wild else text


def _tokens(text: str) -> Iterable[Token]:
    return (Joker(character) if character in "*?" else character for character in text)
