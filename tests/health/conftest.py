"""Pictures of the example sets as what a check is given."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from bench.drawn.flowers import FLOWERS
from PIL import Image

from lensmith.domain.dataset import Dataset, DatasetStats, DatasetStatus, DatasetType
from lensmith.domain.dataset import StatusMessageCode as Code
from lensmith.domain.geometry import Box
from lensmith.health.check import HealthCheck
from lensmith.health.entry import CheckedEntry, ExpectedImage, Frame, FramedBox, ImageFacts
from lensmith.health.finding_kind import FindingKind
from lensmith.health.fingerprint import fingerprint
from lensmith.health.report import Finding, HealthReport

TRAIN, TEST = DatasetType.TRAIN, DatasetType.TEST
FRAME = Frame(640.0, 480.0)

_TRAIN = Dataset(
    7, "arn:train", 3, TRAIN, DatasetStatus.CREATE_COMPLETE, "-", Code.SUCCESS, 1, 2, DatasetStats()
)


class Exam:
    """A check under way, and its outcome."""

    def __init__(self) -> None:
        self._report: HealthReport | None = None
        self.check = HealthCheck([_TRAIN, replace(_TRAIN, id=8, arn="arn:test", type=TEST)])

    def entries(self, dataset: DatasetType, count: int, *labels: str) -> None:
        """Images that carry these labels."""
        for number in range(count):
            name = f"s3://b/{dataset.value}/{'-'.join(labels)}/{number}.jpg"
            self.check.add_entry(CheckedEntry(dataset, name, bool(labels), labels, ()))

    def boxed(self, *boxes: FramedBox) -> None:
        self.check.add_entry(CheckedEntry(TRAIN, "s3://b/boxed.jpg", True, (), boxes))

    def picture(
        self,
        name: str,
        image: Image.Image,
        dataset: DatasetType = TRAIN,
        *,
        labels: tuple[str, ...] = ("a",),
        frame: Frame | None = None,
    ) -> None:
        expected = ExpectedImage(dataset, name, frozenset(labels), frame)
        self.check.add_image(expected, picture_of(jpeg(image)))

    def report(self) -> HealthReport:
        """Ends the check, the first time."""
        if self._report is None:
            self._report = self.check.conclude(lambda done, total: None)
        return self._report

    def findings(self) -> dict[FindingKind, Finding]:
        return {finding.kind: finding for finding in self.report().findings}


@pytest.fixture
def exam() -> Exam:
    return Exam()


@pytest.fixture(scope="session")
def flower() -> Callable[[int], Image.Image]:
    """Drawn pictures that resemble each other as those of one dataset do."""
    pictures = [picture.image.convert("RGB") for picture in FLOWERS.images("health", 12)]
    return pictures.__getitem__


def marked(left: float, top: float, width: float, height: float, label: str = "a") -> FramedBox:
    """A box given in pixels of FRAME."""
    box = Box(left / FRAME.width, top / FRAME.height, width / FRAME.width, height / FRAME.height)
    return FramedBox(label, box, FRAME)


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def reopened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def picture_of(data: bytes) -> ImageFacts:
    image = reopened(data)
    return ImageFacts(*image.size, sha256(data).digest(), fingerprint(np.asarray(image)))
