"""Requests drawn from a shape of any service model: valid ones, and ones with a member broken.

What is drawn holds `Known` in the place of names, which the live server's take when it is sent, so
that a draw does not depend on what the server has answered before.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st
from tests.attack.documents import BLOBS, DOCUMENTS, HOSTILE_TEXTS
from tests.operations.cloudformation.test_hostile import RARE

_DEPTH = 7
_LONGEST = 24
_NUMBERS = (0, 1, 7, 16, 60, 90, 900, 3600)
_TEXT = string.ascii_letters + string.digits + "-_./:"
_PLAIN = "aZ09bY18"
_CLASSES = re.compile(r"\\p\{[^}]*\}")


@dataclass(frozen=True)
class Known:
    """The name of something that the server has, or else a text that fits the member."""

    kind: str  # the member's name; empty: of any
    number: int
    otherwise: str


@dataclass(frozen=True)
class Breakage:
    """What is done to one member of a request; `where` counts its members, from any number."""

    kind: str  # drop, replace, add, rename, repeat or wrap
    where: int
    value: Any = None


@cache
def requests_of(shape: StructureShape | None) -> st.SearchStrategy[dict[str, Any]]:
    """Draw members that fit a shape's types, and mostly its constraints."""
    return st.just({}) if shape is None else _structure(shape, 0)


def breakages() -> st.SearchStrategy[list[Breakage]]:
    """Draw no breakage for three requests of seven, one for as many."""
    one = st.builds(
        Breakage,
        st.sampled_from(
            ("drop", "replace", "replace", "replace", "add", "rename", "repeat", "wrap")
        ),
        st.integers(0, 999),
        _wrong_values(),
    )
    counts = st.sampled_from((0, 0, 0, 1, 1, 1, 3))
    return counts.flatmap(lambda count: st.lists(one, min_size=count, max_size=count))


def _wrong_values() -> st.SearchStrategy[Any]:
    numbers = st.sampled_from((0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 1e308, -0.0, 0.5))
    scalars = st.one_of(
        st.none(), st.booleans(), numbers, hostile_texts(), st.floats(), st.builds(any_name)
    )
    nested = st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(hostile_texts(), inner, max_size=3)
        ),
        max_leaves=4,
    )
    return st.one_of(scalars, hostile_texts(), nested)


def any_name(number: int = 0) -> Known:
    return Known("", number, "x")


def hostile_texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(HOSTILE_TEXTS), st.text(max_size=40))


def _value(shape: Shape, name: str, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        return st.just({}) if depth > _DEPTH else st.deferred(lambda: _structure(shape, depth + 1))
    if isinstance(shape, ListShape):
        least, most = _bounds(shape)
        if depth > _DEPTH:
            return st.just([])
        member = st.deferred(lambda: _value(shape.member, name, depth + 1))
        return st.lists(member, min_size=min(least, 3), max_size=max(least, min(most, 3)))
    if isinstance(shape, MapShape):
        keys, values = _value(shape.key, name, depth + 1), _value(shape.value, name, depth + 1)
        pairs = st.lists(st.tuples(keys, values), max_size=2)
        return pairs.map(lambda found: Pairs(tuple(found)))
    return _scalar(shape, name)


@dataclass(frozen=True)
class Pairs:
    """A map whose keys may be `Known`."""

    pairs: tuple[tuple[Any, Any], ...]


def _structure(shape: StructureShape, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    required = set(shape.required_members)
    members = {name: _value(member, name, depth) for name, member in shape.members.items()}
    always = {name: members[name] for name in members if name in required}
    optional = {name: members[name] for name in members if name not in required}
    if shape.metadata.get("union") or getattr(shape, "is_tagged_union", False):
        return st.sampled_from(sorted(members)).flatmap(
            lambda name: st.fixed_dictionaries({name: members[name]})
        )
    if len(optional) > 8:  # of which only some make sense together
        names = [name for name in sorted(optional) if name not in RARE] * 9 + sorted(optional)
        chosen = st.lists(st.sampled_from(names), max_size=4).map(lambda given: sorted({*given}))
        return chosen.flatmap(
            lambda names: st.fixed_dictionaries(always | {name: optional[name] for name in names})
        )
    return st.fixed_dictionaries(always, optional=optional)


def _scalar(shape: Shape, name: str) -> st.SearchStrategy[Any]:
    least, most = _bounds(shape)
    match shape.type_name:
        case "string":
            return _text(shape, name)
        case "blob":
            return st.one_of(st.sampled_from(BLOBS), st.binary(max_size=64))
        case "integer" | "long":
            usual = [number for number in _NUMBERS if least <= number <= most] or [least]
            within = st.integers(least, max(least, min(most, 2**31 - 1)))
            return st.one_of(st.sampled_from(usual), within)
        case "float" | "double":
            return st.one_of(st.floats(0, 100, width=32), st.floats(width=32))
        case "timestamp":
            seconds = st.one_of(
                st.integers(0, 4_000_000_000), st.integers(-62_000_000_000, 250_000_000_000)
            )
            return seconds.map(lambda number: datetime.fromtimestamp(number, UTC))
        case "boolean":
            return st.booleans()
    return st.just({})


def _text(shape: Shape, name: str) -> st.SearchStrategy[Any]:
    if shape.metadata.get("enum"):
        fitting: st.SearchStrategy[Any] = st.sampled_from(list(shape.metadata["enum"]))
        return _of((6, fitting), (1, _known(name, fitting)))
    if name in DOCUMENTS:
        return st.sampled_from(DOCUMENTS[name])
    fitting = _fitting(shape)
    elsewhere = st.builds(Known, st.just(""), st.integers(0, 9999), fitting)
    return _of((12, _known(name, fitting)), (6, fitting), (1, elsewhere), (1, hostile_texts()))


def _known(name: str, fitting: st.SearchStrategy[str]) -> st.SearchStrategy[Known]:
    return st.builds(Known, st.just(name), st.integers(0, 9999), fitting)


def _of(*weighed: tuple[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Draw from strategies by their weights; `one_of` would count equal ones once."""
    numbers = [number for number, (weight, _) in enumerate(weighed) for _ in range(weight)]
    return st.sampled_from(numbers).flatmap(lambda number: weighed[number][1])


def _fitting(shape: Shape) -> st.SearchStrategy[str]:
    least, most = _bounds(shape)
    longest = max(least, min(most, _LONGEST))
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return st.text(_TEXT, min_size=least, max_size=longest)
    least = max(least, 1)
    plain = st.text(_PLAIN, min_size=least, max_size=max(least, longest)).map(_letter_first)
    try:
        compiled = re.compile(_CLASSES.sub("a", pattern), re.ASCII)
    except re.error:  # Java's grammar has more than Python's
        return plain
    if compiled.fullmatch(_PLAIN) or least > _LONGEST:
        return plain
    matching = st.from_regex(compiled, fullmatch=True)
    return matching.map(lambda text: text[: min(most, 200)])


def _letter_first(text: str) -> str:
    return f"a{text[1:]}"


def _bounds(shape: Shape) -> tuple[int, int]:
    return int(shape.metadata.get("min", 0)), int(shape.metadata.get("max", 2**40))
