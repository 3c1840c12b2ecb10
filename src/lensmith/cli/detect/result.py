"""Detections of one picture or video frame."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.geometry import Box
from lensmith.domain.label import Detection


@dataclass(frozen=True, slots=True)
class Found:
    """One label; `box` only from a detection model."""

    name: str
    confidence: float  # percent, as the API answers it
    box: Box | None = None

    def as_detection(self) -> Detection:
        return Detection(self.name, self.confidence / 100, self.box)


@dataclass(frozen=True, slots=True)
class Moment:
    """Where in a video a frame lies."""

    frame: int  # counted from 0
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The detections of one picture or frame, or the error instead."""

    source: str  # a path as given, or s3://bucket/key
    width: int | None = None  # of the upright original, pixels
    height: int | None = None
    found: tuple[Found, ...] = ()  # the surest first
    moment: Moment | None = None  # of a video's frame
    error: str | None = None
