"""Token buckets."""

from __future__ import annotations

from lensmith.domain.caller import Caller
from lensmith.domain.rate_limit import BURST_SECONDS, CallRates, TokenBuckets


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_then_the_rate() -> None:
    clock = Clock()
    buckets = TokenBuckets(2, 5, clock=clock)
    assert [buckets.take("a") for _ in range(6)] == [True] * 5 + [False]
    assert buckets.take("b")
    clock.now += 1
    assert [buckets.take("a") for _ in range(3)] == [True, True, False]
    clock.now += 1000
    assert [buckets.take("a") for _ in range(6)] == [True] * 5 + [False]


def test_the_bucket_least_recently_used_is_forgotten() -> None:
    buckets = TokenBuckets(1, 1, max_buckets=2, clock=Clock())
    assert buckets.take("a")
    assert buckets.take("b")
    assert not buckets.take("a")
    assert buckets.take("c")  # b goes
    assert not buckets.take("a")
    assert buckets.take("b")


def test_keys_and_their_account_have_a_rate_each() -> None:
    rates = CallRates.of(per_key=1, per_account=2)
    one, two, three = (Caller("111122223333", "arn", key) for key in "abc")
    assert [rates.admit(one) for _ in range(BURST_SECONDS + 1)] == [True] * BURST_SECONDS + [False]
    assert [rates.admit(two) for _ in range(BURST_SECONDS)] == [True] * BURST_SECONDS
    assert not rates.admit(three)
    assert rates.admit(Caller("444455556666", "arn", "d"))


def test_zero_is_no_limit() -> None:
    rates = CallRates.of(0, 0)
    assert all(rates.admit(Caller("111122223333", "arn", "a")) for _ in range(1000))
