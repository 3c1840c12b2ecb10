"""Names of what the callers may and may not know: existing ones, and twins that do not exist."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

At = Callable[..., str]  # (field, slot=None) -> the name that a request sends


@dataclass(frozen=True)
class Place:
    """One set of resources: every name in it holds `word`; `hidden` is never sent by a request."""

    account_id: str
    word: str
    hidden: str
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, account_id: str, kind: str) -> Place:
        """Name what is to be made: kind is open or private."""
        word = f"{kind}-w{secrets.token_hex(5)}"  # a letter: numbers are taken for moments
        place = cls(account_id, word, f"hid{secrets.token_hex(6)}")
        iam = f"arn:aws:iam::{account_id}"
        place.fields.update(
            account_id=account_id,
            project=word,
            version=f"{word}-v1",
            bucket=f"{word}-bucket",
            key=f"{word}-picture.png",
            manifest=f"{word}-lines.manifest",
            user=f"{word}-user",
            role=f"{word}-role",
            group=f"{word}-group",
            policy=f"{word}-policy",
            user_arn=f"{iam}:user/{word}-user",
            role_arn=f"{iam}:role/{word}-role",
            policy_arn=f"{iam}:policy/{word}-policy",
            alias=f"alias/{word}",
            issuer=f"{word}.example",
            provider_arn=f"{iam}:oidc-provider/{word}.example",
            stack=f"{word}-stack",
            change_set=f"{word}-changes",
        )
        return place

    def twin(self) -> Place:
        """Return names of the same form, of which none exists."""
        word = f"{self.word.partition('-')[0]}-w{secrets.token_hex(5)}"
        fields = {name: text.replace(self.word, word) for name, text in self.fields.items()}
        fields |= {
            "key_id": "AKIA" + "Z" * 16,
            "review": secrets.token_hex(6),
            "task": "123456789",
            "upload": secrets.token_hex(16),
            "cmk_arn": f"{self.fields['cmk_arn'].partition('/')[0]}/{uuid4()}",
        }
        return Place(self.account_id, word, self.hidden, fields)

    def with_other_keys(self) -> Place:
        """Return the place with names of objects that are not in its bucket."""
        keys = {name: f"{self.word}-none-{name}" for name in ("key", "manifest")}
        return Place(self.account_id, self.word, self.hidden, {**self.fields, **keys})

    def masked(self, text: str) -> str:
        """Replace its names by those of their fields, the longest first."""
        for name, value in sorted(self.fields.items(), key=lambda pair: -len(pair[1])):
            if name not in ("account_id", "task"):
                text = text.replace(value, f"<{name}>")
        text = text.replace(f"task {self.fields['task']}", "task <task>")
        return text.replace(self.word, "<word>")


def slot_of(name: str) -> str:
    """Group names that belong together: those of a project, of a bucket, of a user …"""
    if name.endswith("_arn"):
        name = name.removesuffix("_arn")
    groups = {
        "train": "project",
        "test": "project",
        "version": "project",
        "key": "bucket",
        "manifest": "bucket",
        "upload": "bucket",
        "key_id": "key",
        "stacked": "stack",
        "provider": "issuer",
    }
    return groups.get(name, name)
