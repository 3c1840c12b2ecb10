"""Ports for the servers of tests: nobody else is given one that is not bound yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.live_server import free_port, own_share


def test_no_port_is_given_twice() -> None:
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: free_port(), range(200)))
    assert len(set(given)) == 200


def test_workers_share_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    shares = []
    for worker in range(8):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        shares.append(own_share(range(10_000, 14_900, 100)))
    assert all(shares)
    assert len({number for share in shares for number in share}) == sum(map(len, shares)) == 49
