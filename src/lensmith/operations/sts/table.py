"""Every STS operation that is served."""

from __future__ import annotations

from lensmith.operations.call import Call, Operation, Permission, Service, blocking
from lensmith.operations.sts.sessions import (
    assume_role,
    get_caller_identity,
    get_session_token,
    may_assume_role,
)
from lensmith.operations.sts.web_identity import assume_role_with_web_identity, nothing


def _undeniable(_: Service, __: Call) -> list[Permission]:
    """Need nothing: everybody may ask who they are and shorten their own credentials' life."""
    return []


_ROWS = (
    Operation("GetCallerIdentity", _undeniable, blocking(get_caller_identity)),
    Operation("AssumeRole", may_assume_role, blocking(assume_role)),
    Operation("GetSessionToken", _undeniable, blocking(get_session_token)),
    Operation(
        "AssumeRoleWithWebIdentity",
        nothing,
        blocking(assume_role_with_web_identity),
        unsigned=True,
    ),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
