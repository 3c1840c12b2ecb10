"""A health report: findings with their severity, advice and entries, and summaries."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.dataset import DatasetType
from lensmith.health.finding_kind import FindingKind, Severity


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a finding is about."""

    dataset: DatasetType
    source_ref: str | None = None  # None where the finding is about a label as a whole
    label: str | None = None
    detail: str = ""  # "3 images", "7 x 5 px"
    related: tuple[str, ...] = ()  # source-refs: the copies of this image, some images of the label


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    kind: FindingKind
    advice: str  # one or two sentences
    unit: str  # what is counted: images, labels, boxes, entries
    count: int
    items: tuple[Item, ...]  # the first of them, see ITEMS_LISTED


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly the images of a dataset spread over its labels."""

    ratio: float  # images of the most to images of the least frequent label that has any
    evenness: float  # entropy as a fraction of the maximum: 1 when all are equal


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    dataset: DatasetType
    arn: str
    updated_ms: int  # of the state that was checked
    entries: int
    labeled_entries: int
    boxes: int
    images_read: int
    median_width: int  # pixels; 0 when no image was read
    median_height: int
    balance: Balance | None  # None without labels


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """Images and boxes of one label, as training would count them."""

    name: str
    train_images: int = 0
    train_boxes: int = 0
    test_images: int = 0
    test_boxes: int = 0


@dataclass(frozen=True, slots=True)
class HealthReport:
    checked_ms: int
    datasets: tuple[DatasetSummary, ...]
    labels: tuple[LabelSummary, ...]  # most frequent first
    findings: tuple[Finding, ...]  # worst first
