"""Collects what every training with candidates reports: trials, skipped candidates, choice."""

from __future__ import annotations

from typing import Any


class CandidatesReport:
    """Filled while training goes on; ends up in model.json."""

    def __init__(self) -> None:
        self._tried: list[dict[str, Any]] = []
        self._left_out: list[str] = []
        self._chosen: dict[str, Any] = {}
        self._reason = ""

    def leave_out(self, name: str, reason: str) -> None:
        """Note a candidate that could not be tried."""
        self._left_out.append(f"{name}: {reason}")

    def summary(self) -> dict[str, Any]:
        """The keys of model.json's report that `lensmith training` shows first."""
        return {
            "chosen": self._chosen,
            "reason": self._reason,
            "tried": self._tried,
            "left_out": self._left_out,
        }
