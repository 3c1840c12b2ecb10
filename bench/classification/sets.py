"""Sets of labelled pictures for the classification benchmark, whole or a few a label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from bench.image_sets import read_entries

Truth = NDArray[np.bool_]
"""[pictures, labels]"""


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """A local file and its labels, each once, as indices into the set's labels."""

    image: Path
    labels: tuple[int, ...]


@dataclass(frozen=True)
class ImageSet:
    """A folder of image-level labels; the labels are those of the training manifest, sorted."""

    name: str
    labels: tuple[str, ...]
    training: tuple[LabelledImage, ...]
    testing: tuple[LabelledImage, ...]

    @cached_property
    def exclusive(self) -> bool:
        """Whether every training picture carries exactly one label."""
        return all(len(example.labels) == 1 for example in self.training)


def read_set(folder: Path) -> ImageSet:
    """Read images/, train.manifest and test.manifest.

    Lines without image-level labels and test labels that no training picture has are left out.
    """
    training, testing = (_read(folder / f"{part}.manifest") for part in ("train", "test"))
    labels = tuple(sorted({name for _, names in training for name in names}))
    return ImageSet(folder.name, labels, _examples(training, labels), _examples(testing, labels))


def truth_of(examples: Sequence[LabelledImage], labels: int) -> Truth:
    truth = np.zeros((len(examples), labels), np.bool_)
    for row, example in zip(truth, examples, strict=True):
        row[list(example.labels)] = True
    return truth


def few_a_label(examples: Sequence[LabelledImage], wanted: int, seed: int) -> list[LabelledImage]:
    """About `wanted` pictures of each label, in their order; the same seed draws the same.

    Pictures come in random order. First those are taken whose labels all still need pictures,
    then any that a label still needs; so a label of a multi-label set may get some more.
    """
    order = list(range(len(examples)))
    Random(seed).shuffle(order)
    counts: Counter[int] = Counter()
    taken: set[int] = set()
    for enough in (all, any):
        for index in order:
            labels = examples[index].labels
            if index not in taken and labels and enough(counts[one] < wanted for one in labels):
                taken.add(index)
                counts.update(labels)
    return [examples[index] for index in sorted(taken)]


def _read(manifest: Path) -> list[tuple[Path, list[str]]]:
    return [
        (file, [label.name for label in entry.image_labels])
        for file, entry in read_entries(manifest)
    ]


def _examples(
    pictures: Sequence[tuple[Path, list[str]]], labels: Sequence[str]
) -> tuple[LabelledImage, ...]:
    number = {label: index for index, label in enumerate(labels)}
    known = [
        (path, sorted(number[name] for name in set(names) if name in number))
        for path, names in pictures
    ]
    return tuple(LabelledImage(path, tuple(numbers)) for path, numbers in known if numbers)
