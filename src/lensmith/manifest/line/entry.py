"""The labels of an image, as read from a valid manifest line.

msgspec structs: a training holds a quarter of a million of them, made at decoding speed.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from lensmith.domain.geometry import Box
from lensmith.manifest.line.quotas import BUCKET_CHARACTERS, KEY_BYTES_MAXIMUM

# Characters of a source-ref whose parts are short enough whatever they are.
SURELY_SHORT = min(BUCKET_CHARACTERS, KEY_BYTES_MAXIMUM // 4)


class ImageLabel(Struct, frozen=True, gc=False):
    """A label of the whole image."""

    name: str
    human_annotated: bool
    creation_date: str  # as written
    job_name: str | None


class LabeledBox(NamedTuple):
    """A bounding box in pixels of the declared image size."""

    label: str
    left: float
    top: float
    width: float
    height: float


class BoxSet(Struct, frozen=True, gc=False):
    """The surviving boxes of one label attribute."""

    image_width: float  # declared, pixels
    image_height: float
    labels: tuple[str, ...]  # one a box
    edges: array[float]  # left, top, width, height of each box, one after the other
    human_annotated: bool
    creation_date: str  # as written
    job_name: str | None

    def boxes(self) -> Iterator[LabeledBox]:
        """Yield the boxes in pixels of the declared image size, in the order of the line."""
        numbers = iter(self.edges)
        quadruples = zip(numbers, numbers, numbers, numbers, strict=True)
        for label, (left, top, width, height) in zip(self.labels, quadruples, strict=True):
            yield LabeledBox(label, left, top, width, height)

    def fractions(self) -> Iterator[tuple[str, Box]]:
        """Yield each label and its box in fractions of the declared size (manifests.md 1.3)."""
        for box in self.boxes():
            yield (
                box.label,
                Box(
                    box.left / self.image_width,
                    box.top / self.image_height,
                    box.width / self.image_width,
                    box.height / self.image_height,
                ),
            )


class Entry(Struct, frozen=True, gc=False):
    """An image with at least one valid label."""

    source_ref: str  # s3://bucket/key
    image_labels: tuple[ImageLabel, ...]  # distinct names, at most 50
    box_sets: tuple[BoxSet, ...]  # each with at least one box

    @property
    def bucket(self) -> str:
        return bucket_of(self.source_ref)

    @property
    def key(self) -> str:
        return key_of(self.source_ref)

    @property
    def image_label_names(self) -> frozenset[str]:
        return frozenset(label.name for label in self.image_labels)

    @property
    def box_label_names(self) -> frozenset[str]:
        return frozenset(name for box_set in self.box_sets for name in box_set.labels)

    @property
    def label_names(self) -> frozenset[str]:
        return self.image_label_names | self.box_label_names


def bucket_of(source_ref: str) -> str:
    """Return the bucket of a well-formed source-ref."""
    return source_ref.split("/", 3)[2]


def key_of(source_ref: str) -> str:
    """Return the object key of a well-formed source-ref."""
    return source_ref.split("/", 3)[3]


def is_source_ref(text: str) -> bool:
    """Return whether `text` is `s3://BUCKET/KEY`, the scheme in any case (manifests.md 1.1).

    A bucket or key longer than S3 allows makes it invalid.
    """
    if not text.startswith("s3://") and text[:5].lower() != "s3://":
        return False
    slash = text.find("/", 5)
    # No store keeps a key with a NUL character, nor does PostgreSQL keep such a text.
    if not 5 < slash < len(text) - 1 or "\0" in text:
        return False
    if len(text) <= SURELY_SHORT:
        return True
    return slash - 5 <= BUCKET_CHARACTERS and len(text[slash + 1 :].encode()) <= KEY_BYTES_MAXIMUM
