from __future__ import annotations

import pytest

from lensmith.domain.host import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_stays_on_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", ""])
def test_can_be_reached_from_others(host: str) -> None:
    assert not is_loopback(host)
