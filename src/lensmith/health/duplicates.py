"""Finds images that occur twice, within a dataset or in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lensmith.domain.dataset import DatasetType
from lensmith.health.entry import ExpectedImage, ImageFacts
from lensmith.health.finding_kind import FindingKind
from lensmith.health.findings import Findings
from lensmith.health.fingerprint import ORIENTATIONS, WORDS
from lensmith.health.near_pairs import Indices, NearPairs, near_pairs
from lensmith.health.report import Item


@dataclass(frozen=True, slots=True)
class _Original:
    """The first image with these bytes in a dataset."""

    dataset: DatasetType
    source_ref: str
    labels: frozenset[str]
    digest: bytes


class Duplicates:
    """Finds exact copies as images are added, near copies at the end.

    Images of the training dataset are added before those of the test dataset. Keeps about half a
    kilobyte an image.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._by_digest: dict[tuple[DatasetType, bytes], _Original] = {}
        self._compared: list[_Original] = []
        self._hashes = bytearray()
        self._brightness: list[float] = []

    def add(self, image: ExpectedImage, facts: ImageFacts) -> None:
        self._check_leak(image, facts)
        key = (image.dataset, facts.digest)
        original = self._by_digest.get(key)
        if original is not None:
            self._note_exact(image, original)
            return
        original = _Original(image.dataset, image.source_ref, image.labels, facts.digest)
        self._by_digest[key] = original
        if not facts.fingerprint.is_blank:
            self._compared.append(original)
            self._hashes += facts.fingerprint.hashes.tobytes()
            self._brightness.append(facts.fingerprint.brightness)

    def conclude(self, report: Callable[[int, int], None]) -> None:
        """Find near copies; `report` is called with (images compared, all images)."""
        total = len(self._compared)
        hashes = np.frombuffer(self._hashes, np.uint64).reshape(total, ORIENTATIONS, WORDS)
        nearest = _Nearest(self._compared)
        for pairs in near_pairs(
            hashes, np.array(self._brightness), lambda done: report(done, total)
        ):
            nearest.take(pairs)
        self._note_near(nearest.within, FindingKind.NEAR_DUPLICATE_IMAGES)
        self._note_near(nearest.across, FindingKind.NEARLY_LEAKED_IMAGES)

    def _check_leak(self, image: ExpectedImage, facts: ImageFacts) -> None:
        if image.dataset is DatasetType.TEST:
            trained = self._by_digest.get((DatasetType.TRAIN, facts.digest))
            if trained is not None:
                self._findings.add(FindingKind.LEAKED_IMAGES, _copy_of(image, trained, "same file"))

    def _note_exact(self, image: ExpectedImage, original: _Original) -> None:
        self._findings.add(FindingKind.DUPLICATE_IMAGES, _copy_of(image, original, "same file"))
        if image.labels != original.labels:
            detail = f"{_named(image.labels)}; the other {_named(original.labels)}"
            self._findings.add(FindingKind.CONFLICTING_LABELS, _copy_of(image, original, detail))

    def _note_near(self, best: _Best, kind: FindingKind) -> None:
        for index in np.nonzero(best.partner >= 0)[0]:
            image, original = self._compared[index], self._compared[best.partner[index]]
            manner = "turned or mirrored" if best.turned[index] else "looks the same"
            detail = f"{manner}, {best.bits[index]} of 256 bits differ"
            self._findings.add(kind, _copy_of(image, original, detail))


class _Best:
    """Keeps the nearest partner of every image."""

    def __init__(self, images: int) -> None:
        self.partner: Indices = np.full(images, -1)
        self.bits: Indices = np.full(images, np.iinfo(np.int64).max)
        self.turned: NDArray[np.bool_] = np.zeros(images, bool)

    def take(self, image: Indices, partner: Indices, pairs: NearPairs) -> None:
        """Keep nearer pairs; of equally near ones the unturned, then the first partner."""
        order = np.lexsort((partner, pairs.turned, pairs.bits))
        images, first = np.unique(image[order], return_index=True)
        chosen = order[first]
        nearer = pairs.bits[chosen] < self.bits[images]
        images, chosen = images[nearer], chosen[nearer]
        self.partner[images] = partner[chosen]
        self.bits[images] = pairs.bits[chosen]
        self.turned[images] = pairs.turned[chosen]


class _Nearest:
    """Separates near pairs within a dataset from those across both."""

    def __init__(self, compared: list[_Original]) -> None:
        self.within, self.across = _Best(len(compared)), _Best(len(compared))
        self._is_test = np.array([image.dataset is DatasetType.TEST for image in compared], bool)
        numbers: dict[bytes, int] = {}
        self._file = np.array(
            [numbers.setdefault(image.digest, len(numbers)) for image in compared], np.int64
        )

    def take(self, pairs: NearPairs) -> None:
        # Images come in order of their datasets, so the later of two is the one in the test set.
        later, earlier = np.maximum(pairs.one, pairs.other), np.minimum(pairs.one, pairs.other)
        same_dataset = self._is_test[later] == self._is_test[earlier]
        leaked_file = self._file[later] == self._file[earlier]  # reported as the exact copy it is
        for best, chosen in ((self.within, same_dataset), (self.across, ~same_dataset)):
            kept = chosen & ~leaked_file
            some = NearPairs(*(values[kept] for values in pairs))
            best.take(later[kept], earlier[kept], some)


def _copy_of(image: ExpectedImage | _Original, original: _Original, detail: str) -> Item:
    return Item(image.dataset, image.source_ref, None, detail, (original.source_ref,))


def _named(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "no label"
