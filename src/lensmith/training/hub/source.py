"""Describes where models of a hub come from. Imports no package of the hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class HubSource:
    """A hub and its local cache; what is None is as huggingface_hub's variables say."""

    endpoint: str | None = None
    cache: Path | None = None
    offline: bool | None = None
    timeout: float = 5.0  # seconds of each request


USUAL_SOURCE = HubSource()
