"""A request with the names left open: built once, filled often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tests.isolation.client import Sent
from tests.isolation.places import At, Place, slot_of


@dataclass(frozen=True)
class Template:
    """`slots` are the kinds of names that it has; each can be filled from a place of its own."""

    name: str
    sent: Sent
    tokens: Mapping[str, tuple[str, str]]  # token in the request -> field, slot

    @classmethod
    def of(cls, name: str, build: Callable[[At], Sent]) -> Template:
        tokens: dict[str, tuple[str, str]] = {}

        def at(field: str, slot: str | None = None) -> str:
            chosen = slot or slot_of(field)
            token = f"qq{field.replace('_', 'x')}q{chosen}qq"  # as it is in JSON, forms and URLs
            tokens[token] = (field, chosen)
            return token

        sent = build(at)
        text = f"{sent.path}{sent.body!r}{sent.headers}"
        return cls(name, sent, {token: of for token, of in tokens.items() if token in text})

    @property
    def slots(self) -> list[str]:
        return list(dict.fromkeys(slot for _, slot in self.tokens.values()))

    def filled(self, default: Place, slots: Iterable[str] = (), place: Place | None = None) -> Sent:
        """Return the request with `slots` filled from `place`, all others from `default`."""
        path, body, headers = self.sent.path, self.sent.body, dict(self.sent.headers)
        chosen = set(slots)
        for token, (field, slot) in self.tokens.items():
            source = place if place is not None and slot in chosen else default
            value = source.fields[field]
            path, body = path.replace(token, value), body.replace(token.encode(), value.encode())
            headers = {name: text.replace(token, value) for name, text in headers.items()}
        return Sent(self.sent.service, self.sent.method, path, body, headers)
