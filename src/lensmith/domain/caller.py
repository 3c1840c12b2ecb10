"""Who signed a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal and the key it signed with; the account owns what the caller creates."""

    account_id: str  # 12 digits
    arn: str  # arn:aws:iam::<account>:user/<name>, …:root, or an assumed-role session
    access_key_id: str
