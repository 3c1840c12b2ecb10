"""Sets of boxed pictures, whole or a drawn part, as a training job would use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.image_sets import folder_of, is_set, read_entries
from lensmith.inference.artefact import Task
from lensmith.manifest.training.entry import TrainingEntry
from lensmith.training.data.example import Example
from lensmith.training.job.usable_images import UsableImage, example, ground_truth, known_only


@dataclass(frozen=True, slots=True)
class BoxedSet:
    labels: tuple[str, ...]  # of the whole training manifest, sorted
    training: tuple[UsableImage, ...]
    testing: tuple[UsableImage, ...]  # without labels that no training picture has


def folder_and_part(name: str) -> tuple[Path, int | None]:
    """`cards40` is 40 training pictures of the set cards, unless a set has that name itself."""
    whole = name.rstrip("0123456789")
    if is_set(folder_of(name)) or whole == name:
        return folder_of(name), None
    return folder_of(whole), int(name.removeprefix(whole))


def read_boxed_set(folder: Path) -> BoxedSet:
    """Read images/ and the manifests, those for detection where a set has several kinds.

    Lines without boxes are left out.
    """
    training, testing = _read_part(folder, "train"), _read_part(folder, "test")
    labels = sorted({label for image in training for label, _ in image.truth.boxes})
    return BoxedSet(tuple(labels), tuple(training), tuple(known_only(testing, labels)))


def learnt_from(images: BoxedSet, part: int | None, seed: int) -> tuple[UsableImage, ...]:
    """Return all training pictures, or `part` of them drawn with the seed."""
    return images.training if part is None else tuple(drawn(images.training, part, seed))


def boxed_examples(training: Sequence[UsableImage], labels: Sequence[str]) -> list[Example]:
    """As a training job hands them to the trainer."""
    numbers = {label: number for number, label in enumerate(labels)}
    return [example(image, numbers, Task.DETECTION) for image in training]


def drawn(images: Sequence[UsableImage], count: int, seed: int) -> list[UsableImage]:
    """Some of them, in their order; the same seed draws the same."""
    chosen = Random(seed).sample(range(len(images)), min(count, len(images)))
    return [images[index] for index in sorted(chosen)]


def _read_part(folder: Path, part: str) -> list[UsableImage]:
    special = folder / f"{part}.detection.manifest"
    manifest = special if special.exists() else folder / f"{part}.manifest"
    return [
        UsableImage(file, ground_truth(TrainingEntry(entry, number, number + 1)))
        for number, (file, entry) in enumerate(read_entries(manifest))
        if entry.box_sets
    ]
