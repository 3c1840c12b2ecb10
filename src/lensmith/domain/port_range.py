"""Ports from one to another, which a firewall lets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import randrange
from typing import Self

from lensmith.domain.variable import Variable

_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class PortRange:
    """Both ends belong to it."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse `7500-7599`; nothing for an empty text. Raises ValueError."""
        if not text.strip():
            return None
        ends = [end.strip() for end in text.split("-")]
        if len(ends) == 2 and all(end.isascii() and end.isdigit() for end in ends):
            first, last = map(int, ends)
            if 1 <= first <= last <= _MAX_PORT:
                return cls(first, last)
        raise ValueError(f"two ports from 1 to {_MAX_PORT}, the lower first, as 7500-7599")

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def in_turn(self) -> Iterator[int]:
        """Yield each port once, from any one on: one just given back is seldom the next."""
        count = self.last - self.first + 1
        start = randrange(count)
        for number in range(count):
            yield self.first + (start + number) % count


def _rendered(ports: PortRange | None) -> str:
    return "" if ports is None else str(ports)


UNITS_PORTS = Variable("LENSMITH_UNITS_PORTS", PortRange.parse, _rendered)
