"""Names of the sessions of people whom a provider signs in."""

from __future__ import annotations

from typing import Any

import pytest

from lensmith.operations.lensmith.openid import session_name

EMAIL = "eve@id.example"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": EMAIL}, EMAIL),
        ({"email": EMAIL, "email_verified": True}, EMAIL),
        ({"email": EMAIL, "email_verified": False}, "7f3a"),  # may be another's address
        ({"email": EMAIL, "email_verified": "false", "preferred_username": EMAIL}, "7f3a"),
        ({"preferred_username": "eve"}, "eve"),
        ({"email": "a b/c*@x", "sub": "7f3a"}, "a-b-c-@x"),
        ({"sub": "7"}, "7-"),
        ({"email": "e" * 200}, "e" * 64),
    ],
)
def test_a_session_is_named_by_the_person(claims: dict[str, Any], expected: str) -> None:
    assert session_name({"sub": "7f3a", **claims}) == expected
