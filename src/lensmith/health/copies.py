"""The same picture twice: within a dataset, or in both of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lensmith.domain.dataset import DatasetType
from lensmith.health.entry import Expected, Picture
from lensmith.health.findings import Findings
from lensmith.health.fingerprint import ORIENTATIONS, WORDS
from lensmith.health.kind import Kind
from lensmith.health.near import Indices, NearPairs, near_pairs
from lensmith.health.report import Item


@dataclass(frozen=True, slots=True)
class _Original:
    """The first image with these bytes in a dataset."""

    dataset: DatasetType
    source_ref: str
    labels: frozenset[str]
    digest: bytes


class Copies:
    """Exact copies are found as they are seen, near ones at the end.

    Images of the training dataset are to be seen before those of the test dataset. Keeps about
    half a kilobyte an image.
    """

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._by_digest: dict[tuple[DatasetType, bytes], _Original] = {}
        self._compared: list[_Original] = []
        self._hashes = bytearray()
        self._brightness: list[float] = []

    def see(self, image: Expected, picture: Picture) -> None:
        self._check_leak(image, picture)
        key = (image.dataset, picture.digest)
        original = self._by_digest.get(key)
        if original is not None:
            self._note_exact(image, original)
            return
        original = _Original(image.dataset, image.source_ref, image.labels, picture.digest)
        self._by_digest[key] = original
        if not picture.fingerprint.is_blank:
            self._compared.append(original)
            self._hashes += picture.fingerprint.hashes.tobytes()
            self._brightness.append(picture.fingerprint.brightness)

    def conclude(self, report: Callable[[int, int], None]) -> None:
        """Find near copies; `report` hears how many of how many images are compared."""
        total = len(self._compared)
        hashes = np.frombuffer(self._hashes, np.uint64).reshape(total, ORIENTATIONS, WORDS)
        nearest = _Nearest(self._compared)
        for pairs in near_pairs(
            hashes, np.array(self._brightness), lambda done: report(done, total)
        ):
            nearest.take(pairs)
        self._note_near(nearest.within, Kind.NEAR_DUPLICATE_IMAGES)
        self._note_near(nearest.across, Kind.NEARLY_LEAKED_IMAGES)

    def _check_leak(self, image: Expected, picture: Picture) -> None:
        if image.dataset is DatasetType.TEST:
            trained = self._by_digest.get((DatasetType.TRAIN, picture.digest))
            if trained is not None:
                self._findings.add(Kind.LEAKED_IMAGES, _copy_of(image, trained, "same file"))

    def _note_exact(self, image: Expected, original: _Original) -> None:
        self._findings.add(Kind.DUPLICATE_IMAGES, _copy_of(image, original, "same file"))
        if image.labels != original.labels:
            detail = f"{_named(image.labels)}; the other {_named(original.labels)}"
            self._findings.add(Kind.CONFLICTING_LABELS, _copy_of(image, original, detail))

    def _note_near(self, best: _Best, kind: Kind) -> None:
        for index in np.nonzero(best.partner >= 0)[0]:
            image, original = self._compared[index], self._compared[best.partner[index]]
            manner = "turned or mirrored" if best.turned[index] else "looks the same"
            detail = f"{manner}, {best.bits[index]} of 256 bits differ"
            self._findings.add(kind, _copy_of(image, original, detail))


class _Best:
    """For every image its nearest partner so far."""

    def __init__(self, images: int) -> None:
        self.partner: Indices = np.full(images, -1)
        self.bits: Indices = np.full(images, np.iinfo(np.int64).max)
        self.turned: NDArray[np.bool_] = np.zeros(images, bool)

    def take(self, image: Indices, partner: Indices, pairs: NearPairs) -> None:
        """Keep a pair where it is nearer; of equally near ones the first partner and unturned."""
        order = np.lexsort((partner, pairs.turned, pairs.bits))
        images, first = np.unique(image[order], return_index=True)
        chosen = order[first]
        nearer = pairs.bits[chosen] < self.bits[images]
        images, chosen = images[nearer], chosen[nearer]
        self.partner[images] = partner[chosen]
        self.bits[images] = pairs.bits[chosen]
        self.turned[images] = pairs.turned[chosen]


class _Nearest:
    """Near pairs told apart: both in one dataset, or one in each."""

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


def _copy_of(image: Expected | _Original, original: _Original, detail: str) -> Item:
    return Item(image.dataset, image.source_ref, None, detail, (original.source_ref,))


def _named(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "no label"
