"""Condition keys of a request, beside those of its principal and its resource."""

from __future__ import annotations

from datetime import datetime

from lensmith.domain.policy.identity import Identity


def request_context(
    identity: Identity,
    *,
    region: str,
    now: datetime,
    is_secure: bool,
    source_ip: str = "",
    user_agent: str = "",
    referer: str = "",
    resource_account: str | None = None,
) -> dict[str, tuple[str, ...]]:
    """Return the global condition keys of a request, those of its principal included.

    `now` is in UTC; an empty text stands for what is not known.
    """
    account = resource_account or identity.account_id
    keys = {
        **identity.context(),
        "aws:requestedregion": (region,),
        "aws:currenttime": (now.isoformat(),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:securetransport": ("true" if is_secure else "false",),
    }
    known = {
        "aws:sourceip": source_ip,
        "aws:useragent": user_agent,
        "aws:referer": referer,
        "aws:resourceaccount": account,
    }
    return keys | {key: (value,) for key, value in known.items() if value}
