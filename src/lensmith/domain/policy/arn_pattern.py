"""ARNs as policies name them: each of the six parts is matched on its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from lensmith.domain.policy.wildcard import Context, Template

_PARTS = 6
_COLON = re.compile(r":(?![^{}]*\})")  # not one inside ${aws:username}


@dataclass(frozen=True, slots=True)
class ArnPattern:
    """One text, or its six parts between colons, of which a `*` leaves none."""

    parts: tuple[Template, ...]

    @classmethod
    def parse(cls, text: str, *, variables: bool) -> Self:
        """Parse a pattern; one with fewer than six parts is matched as a whole.

        Raises ValueError for a malformed variable.
        """
        given = _COLON.split(text, maxsplit=_PARTS - 1)
        pieces: Sequence[str] = given if len(given) == _PARTS else (text,)
        return cls(tuple(Template.parse(piece, variables=variables) for piece in pieces))

    def matches(self, arn: str, context: Context) -> bool:
        """Raises UnresolvedVariable."""
        if len(self.parts) == 1:
            return self.parts[0].resolve(context).matches(arn)
        given = arn.split(":", _PARTS - 1)
        wildcards = [part.resolve(context) for part in self.parts]
        return len(given) == _PARTS and all(
            wildcard.matches(piece) for wildcard, piece in zip(wildcards, given, strict=True)
        )
