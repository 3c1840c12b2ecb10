"""Timeouts of units and of requests that wait for them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for units."""

    start: float = 60.0  # for a unit to load its model before it counts as hung
    prediction: float = 20.0  # for a prediction before the unit counts as hung
    free_unit: float = 10.0  # of a request, while every unit is busy or being replaced
    scale_from_zero: float = 30.0  # of a request, while the first unit starts
    drain: float = 30.0  # for admitted requests when the model is stopped
    exit: float = 5.0  # for a unit to end after its shutdown began
    idle_before_ping: float = 10.0  # without a reply before a unit is pinged
    ping: float = 5.0  # for the reply to a ping
