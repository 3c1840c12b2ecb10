"""Precisions that a network computes in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    FLOAT32 = "float32"
    INT8 = "int8"  # of most layers, the first and the last are in float32
    BFLOAT16 = "bfloat16"


class ExportFormat(StrEnum):
    """Content of an exported model."""

    FLOAT32 = "float32"
    INT8 = "int8"
    OPENVINO = "openvino"  # float32 in OpenVINO's intermediate representation


class ProcessorFeature(StrEnum):
    """Instructions that a processor needs to compute the answers that were evaluated."""

    VNNI = "vnni"  # sums of 8-bit products that do not saturate
    BFLOAT16 = "bfloat16"  # instructions for it


@dataclass(frozen=True, slots=True)
class Dropped:
    """A variant that a unit was to serve, and could not load or run."""

    precision: Precision
    runtime: str
    reason: str


@dataclass(frozen=True, slots=True)
class Served:
    """The variant that a unit serves, and its speed when the unit started."""

    precision: Precision
    runtime: str
    seconds: float  # of the network for one picture
    dropped: tuple[Dropped, ...] = ()  # it would have served these rather
