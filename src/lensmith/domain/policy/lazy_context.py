"""Finds the condition keys of an access when a policy first asks for one: few policies do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lensmith.domain.policy.wildcard import Context


class LazyContext(Mapping[str, tuple[str, ...]]):
    """Calls a function for the condition keys, at most once."""

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[], Context]) -> None:
        self._find = find
        self._found: Context | None = None

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Context:
        """Raise RuntimeError for a KeyError, which `Mapping.get` would take for an absent key."""
        if self._found is None:
            try:
                self._found = self._find()
            except KeyError as error:
                raise RuntimeError("The condition keys were not found.") from error
        return self._found
