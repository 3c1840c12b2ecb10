"""How large a detector may be."""

from __future__ import annotations

from enum import StrEnum


class DetectorSize(StrEnum):
    """Larger is more accurate, and slower both in training and in serving."""

    SMALL = "small"
    LARGE = "large"
