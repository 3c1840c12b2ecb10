"""A YOLO dataset, of any version: one text file of boxes an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.images import Images
from lensmith.exchange.inside import inside
from lensmith.exchange.picture_index import PICTURE_ENDINGS
from lensmith.exchange.placement import Placed
from lensmith.exchange.sources.source import Source, read_file
from lensmith.exchange.sources.yolo_layout import YoloLayout, read_layout
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.convert.yolo import numbers_of, read_boxes
from lensmith.manifest.convert.yolo_keypoints import Keypoints, find_keypoints

_SAMPLED_FILES, _SAMPLED_LINES = 2000, 1000  # of labels, to find out what their lines mean


def open_yolo(
    source: Path, split: str, origin: Origin, images: Images, *, with_images: bool
) -> Source:
    """Open the images of one split; an image without lines in its label file has no boxes.

    `source` is a data.yaml, or a folder with one or with a list of class names. Unless the
    source is `with_images`, they are those that its label files are named after.
    """
    layout = read_layout(source, split)
    reader = _Reader(layout, origin, images)
    drafts = reader.by_images() if with_images else reader.by_labels()
    drafts = chain(drafts, reader.remarks())
    return Source(drafts, f"{layout.root.resolve().name}-{split}.manifest")


@dataclass
class _Reader:
    layout: YoloLayout
    origin: Origin
    images: Images

    def by_images(self) -> Iterator[Draft | Problem]:
        """Read each image's label file; raises ExchangeError when not one of them has any."""
        count, without = 0, []
        for image in self.layout.images():
            if Path(image).suffix.lower() not in PICTURE_ENDINGS:
                continue
            placed = self.images.place(image)
            found = self._found(image, placed) if isinstance(placed, Placed) else placed
            if isinstance(found, Problem):
                yield found
                continue
            labels = self.layout.labels_of(found)
            count += 1
            if labels is None:
                without.append(image)
            yield from self._read(image, labels)
        if count and len(without) == count:
            raise ExchangeError(_without_labels(count, without))
        if without:
            yield Problem(ProblemKind.NO_LABEL_FILE, _missing(count, without))

    def by_labels(self) -> Iterator[Draft | Problem]:
        """Find the image of each label file among those given with --images."""
        root = self.layout.root
        names = list(self.layout.label_files())
        if not names:
            raise ExchangeError(f"There is no label file (.txt) below {root}.")
        for name in names:
            if labels := inside(root, name):
                yield from self._read(str(Path(name).with_suffix("").as_posix()), labels)
            else:
                yield Problem(ProblemKind.OUTSIDE, name)

    def remarks(self) -> Iterator[Problem]:
        """Yield what the user has to know of how lines were read; after all of them."""
        if self.layout.keypoints is None and self._keypoints.numbers:
            where = f"{self._keypoints.numbers} numbers behind each box"
            yield Problem(ProblemKind.KEYPOINTS, where)
        if self._keypoints.is_doubtful:
            yield Problem(ProblemKind.MAYBE_KEYPOINTS, str(self.layout.root))

    @cached_property
    def _keypoints(self) -> Keypoints:
        if self.layout.keypoints is not None:
            return Keypoints(self.layout.keypoints)
        return find_keypoints(islice(self._long_lines(), _SAMPLED_LINES))

    def _long_lines(self) -> Iterator[list[float]]:
        """Yield the numbers of lines that have more than a box and its confidence."""
        for name in islice(self.layout.label_files(), _SAMPLED_FILES):
            if labels := inside(self.layout.root, name):
                text = read_file(labels).decode("utf-8-sig", errors="replace")
                yield from (numbers for numbers in numbers_of(text) if len(numbers) > 5)

    def _found(self, image: str, placed: Placed) -> str | Problem:
        """Return the path of the file below the root, by which its label file is named."""
        root = self.layout.root.resolve()
        if placed.file is not None and placed.file.is_relative_to(root):
            name = placed.file.relative_to(root).as_posix() if placed.is_guess else image
            return Problem(ProblemKind.OUTSIDE, image) if self.layout.is_outside(name) else name
        return image

    def _read(self, image: str, labels: Path | None) -> Iterator[Draft | Problem]:
        placed = self.images.place(image)
        if isinstance(placed, Problem):
            yield placed
            return
        size = self.images.size_of(image)
        if size is None:
            yield Problem(ProblemKind.NOT_AN_IMAGE, image)
            return
        boxes: list[PixelBox] = []
        if labels is not None:
            text = read_file(labels).decode("utf-8-sig", errors="replace")
            where = labels.relative_to(self.layout.root.resolve()).as_posix()
            names, keypoints = self.layout.names, self._keypoints
            for found in read_boxes(text, size, names, where, keypoints.numbers):
                if isinstance(found, Problem):
                    yield found
                else:
                    boxes.append(found)
        yield Draft(image, bounding_boxes(size, boxes, self.layout.names, self.origin))


def _without_labels(count: int, without: list[str]) -> str:
    return (
        f"{_missing(count, without)}. The labels of images/NAME.jpg are looked for in "
        "labels/NAME.txt, beside the image, and by that name anywhere below the folder."
    )


def _missing(count: int, without: list[str]) -> str:
    return f"{len(without)} of {count} images have no label file, first {without[0]}"
