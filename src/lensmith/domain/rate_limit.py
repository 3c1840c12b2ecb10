"""Token buckets (RFC 2698's idea with one rate): how often a key and an account may call."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from lensmith.domain.caller import Caller

BURST_SECONDS = 10  # of calls at the full rate that may come at once
_MAX_BUCKETS = 10_000


class TokenBuckets:
    """One bucket a name, which fills at `rate` tokens a second. Not thread-safe."""

    def __init__(
        self,
        rate: float,
        burst: float,
        max_buckets: int = _MAX_BUCKETS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst = rate, burst
        self._max_buckets, self._clock = max_buckets, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, as of

    def take(self, name: str) -> bool:
        """Take a token; False without one. The bucket least recently used is forgotten."""
        now = self._clock()
        tokens, since = self._buckets.pop(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        is_taken = tokens >= 1
        self._buckets[name] = (tokens - is_taken, now)
        if len(self._buckets) > self._max_buckets:
            self._buckets.popitem(last=False)
        return is_taken


@dataclass(frozen=True, slots=True)
class CallRates:
    """Limits the calls of each key and of each account. Bound to one event loop."""

    keys: TokenBuckets | None = None  # None: no limit
    accounts: TokenBuckets | None = None

    @classmethod
    def of(cls, per_key: int, per_account: int) -> CallRates:
        """Limit to that number of calls a second; 0: no limit."""
        return cls(_buckets(per_key), _buckets(per_account))

    def admit(self, caller: Caller) -> bool:
        """Count a call of a caller that was proved; False if it comes too soon."""
        if self.keys is not None and not self.keys.take(caller.access_key_id):
            return False
        return self.accounts is None or self.accounts.take(caller.account_id)


def _buckets(rate: int) -> TokenBuckets | None:
    return TokenBuckets(rate, rate * BURST_SECONDS) if rate else None
