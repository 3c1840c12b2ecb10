"""The artefact: a directory with `model.onnx` and `model.json`, all that serving needs.

Variants in other precisions have further files there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lensmith.domain.errors import LensmithError, SealedFileError
from lensmith.domain.readable import Folder
from lensmith.domain.training_report import TrainingReport
from lensmith.inference.stored_report import stored_report
from lensmith.inference.variant import ONNX_RUNTIME, Variant, reference_of

NETWORK_FILE = "model.onnx"
DESCRIPTION_FILE = "model.json"


class ArtefactError(LensmithError):
    """A model cannot be read or run; the message can be a StatusMessage."""


class Task(StrEnum):
    CLASSIFICATION = "classification"
    DETECTION = "detection"


class Resize(StrEnum):
    """How an image of any shape is fitted to the network's input size."""

    STRETCH = "stretch"  # both sides scaled apart
    CROP = "crop"  # scaled to cover the frame, the overhang cut off evenly
    LETTERBOX = "letterbox"  # scaled to fit, the rest filled


class Resampler(StrEnum):
    """Library that resizes; they round differently, by 1 and rarely by 2 of 255."""

    PILLOW = "pillow"
    FAST_IMAGE_RESIZE = "fast_image_resize"  # in a quarter of the time


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Steps before the network, which takes uint8 RGB and normalises it itself."""

    resize: Resize = Resize.STRETCH
    crop: float = 1.0  # CROP: fraction of the shorter side that is kept
    fill: int = 127  # LETTERBOX: grey level of the margins
    resampler: Resampler = Resampler.PILLOW  # of models of before

    def __post_init__(self) -> None:
        if not 0 < self.crop <= 1 or not 0 <= self.fill <= 255:
            raise ValueError(f"no such preprocessing: crop {self.crop}, fill {self.fill}")


@dataclass(frozen=True, slots=True)
class Artefact:
    """The description of a trained model, `model.json`.

    `model.onnx` takes `images` uint8 [n, height, width, 3] and returns `scores` float32
    [n, labels] (classification), or `boxes` float32 [n, candidates, 4] as left, top, right,
    bottom in fractions of the input frame and `scores` float32 [n, candidates, labels]
    (detection). Scores are probabilities.
    """

    task: Task
    labels: tuple[str, ...]
    thresholds: tuple[float, ...]  # assumed threshold of each label, 0..1
    input_size: tuple[int, int]  # width, height in pixels
    preprocessing: Preprocessing = Preprocessing()
    nms_iou: float = 0.6  # boxes of one label with a higher IoU are one object
    runtime: str = ONNX_RUNTIME
    versions: dict[str, str] = field(default_factory=dict)
    report: TrainingReport = field(default_factory=TrainingReport)
    variants: tuple[Variant, ...] = ()  # float32 among them; none in models of before

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise ValueError("labels must be distinct and at least one")
        if len(self.thresholds) != len(self.labels):
            raise ValueError("every label needs one threshold")
        if min(self.input_size) < 1:
            raise ValueError(f"no such input size: {self.input_size}")
        if any(len(one.thresholds) != len(self.labels) for one in self.variants):
            raise ValueError("every label needs one threshold in each variant")
        if self.variants and reference_of(self.variants) is None:
            raise ValueError("one of the variants must be float32")

    def served_as(self, variant: Variant | None) -> Artefact:
        """Describe the model as a variant serves it: its thresholds and its runtime."""
        if variant is None:
            return self
        return replace(self, thresholds=variant.thresholds, runtime=variant.runtime)

    @classmethod
    def read(cls, directory: Folder) -> Artefact:
        """Read `model.json`; raises ArtefactError when it is missing or invalid."""
        path = directory / DESCRIPTION_FILE
        try:
            stored = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
            report = stored_report(stored.pop("report", None))
            return replace(msgspec.convert(stored, cls), report=report)
        except OSError as error:
            raise ArtefactError(
                f"The model description cannot be read: {error.strerror}."
            ) from error
        except SealedFileError as error:
            raise ArtefactError(f"The model cannot be decrypted: {error}") from error
        except msgspec.DecodeError as error:
            raise ArtefactError(f"The model description is not valid: {error}.") from error

    def encoded(self) -> bytes:
        """Encode as `model.json`."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1)

    def write(self, directory: Path) -> None:
        """Write `model.json` atomically."""
        path = directory / DESCRIPTION_FILE
        fresh = path.with_suffix(".json.new")
        with fresh.open("wb") as file:
            file.write(self.encoded())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
