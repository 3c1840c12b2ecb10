"""Settings of one training. Imports no torch, so that invalid manifests fail fast."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.detector_size import DetectorSize


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    seed: int = 0
    threads: int = 0  # 0: all cores of this process
    budget_seconds: float | None = None  # None: as long as the recipe takes, within reason
    detector_size: DetectorSize | None = None  # None: as the device that trains can afford
    backbones: tuple[str, ...] = ()  # of the hub, by name or folder; tried beside the bundled ones
