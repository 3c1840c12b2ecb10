"""Converts validated lines to images with annotations for training and evaluation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from lensmith.domain.readable import Readable
from lensmith.evaluation.ground_truth import Annotator, GroundTruth, ImageSize
from lensmith.inference.artefact import Task
from lensmith.manifest.line.entry import BoxSet, ImageLabel
from lensmith.manifest.training.entry import TrainingEntry
from lensmith.manifest.training.verdict import Part
from lensmith.training.data.example import Example
from lensmith.training.job.images import CopiedImages


@dataclass(frozen=True, slots=True)
class UsableImage:
    """A local copy of an image and the annotations that count for the task."""

    file: Readable
    truth: GroundTruth
    scene: int | None = None  # shared by images of one scene


def usable_images(part: Part, images: CopiedImages) -> list[UsableImage]:
    """Pair every usable line of a part with the copy of its image, in the manifest's order."""
    refs = [one.entry.source_ref for one in part.entries]
    return [
        UsableImage(images.files[ref], ground_truth(one), images.scenes.get(ref))
        for ref, one in zip(refs, part.entries, strict=True)
    ]


def ground_truth(one: TrainingEntry) -> GroundTruth:
    """Read the annotations of a line in the format of the use case (manifests.md 4).

    A picture of the brand case keeps the labels of its line; only the detector sees them as boxes.
    """
    entry = one.entry
    if one.is_full_frame:
        labels = tuple((boxes.labels[0], _annotator(boxes)) for boxes in entry.box_sets)
        return GroundTruth(entry.source_ref, one.line_number, labels=labels)
    if not entry.box_sets:
        labels = tuple((label.name, _annotator(label)) for label in entry.image_labels)
        return GroundTruth(entry.source_ref, one.line_number, labels=labels)
    first = entry.box_sets[0]
    return GroundTruth(
        entry.source_ref,
        one.line_number,
        boxes=tuple(
            (name, box.clamped()) for boxes in entry.box_sets for name, box in boxes.fractions()
        ),
        size=ImageSize(round(first.image_width), round(first.image_height)),
        annotator=_annotator(first),
    )


def known_only(images: Sequence[UsableImage], labels: Collection[str]) -> list[UsableImage]:
    """Keep the images with annotations of these labels, without any other annotation."""
    kept = []
    for image in images:
        truth = replace(
            image.truth,
            labels=tuple(label for label in image.truth.labels if label[0] in labels),
            boxes=tuple(box for box in image.truth.boxes if box[0] in labels),
        )
        if truth.labels or truth.boxes:
            kept.append(UsableImage(image.file, truth, image.scene))
    return kept


def example(image: UsableImage, numbers: Mapping[str, int], task: Task) -> Example:
    """Convert to a training example. For a detector, labels mean a logo (manifests.md 4.3)."""
    labels = tuple(numbers[name] for name, _ in image.truth.labels)
    boxes = tuple((numbers[name], box) for name, box in image.truth.boxes)
    if task is Task.CLASSIFICATION:
        return Example(image.file, labels, scene=image.scene)
    return Example(image.file, () if boxes else labels, boxes, image.scene)


def _annotator(source: ImageLabel | BoxSet) -> Annotator:
    return Annotator("yes" if source.human_annotated else "no", source.creation_date)
