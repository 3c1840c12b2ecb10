"""Decides which nodes are alive; pure."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.store.records.nodes import ClusterNode


@dataclass(frozen=True, slots=True)
class Leading:
    """For how long a server leads, and none did before it. Milliseconds."""

    led_ms: int
    unled_ms: int | None  # None: no leader is known


def is_alive(node: ClusterNode, limit_ms: int, leading: Leading) -> bool:
    """Return whether a node was seen within `limit_ms`.

    A leader that is new waits as long for those that were alive when the last leader decided:
    with the records away none could report. One that was gone by then stays gone.
    """
    if node.has_left:
        return False
    if node.silent_ms <= limit_ms:
        return True
    if leading.led_ms > limit_ms:
        return False
    if leading.unled_ms is None:
        return True
    return node.silent_ms - leading.led_ms - leading.unled_ms <= limit_ms
