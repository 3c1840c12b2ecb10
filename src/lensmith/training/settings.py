"""What whoever asks for a training may decide. Without PyTorch: failing manifests need none."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.detector_size import DetectorSize


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    seed: int = 0
    threads: int = 0  # 0: every core this process may use
    budget_seconds: float | None = None  # None: as long as the recipe takes, within reason
    detector_size: DetectorSize | None = None  # None: as the device that trains can afford
    backbones: tuple[str, ...] = ()  # of the hub, by name or folder; tried beside the bundled ones
