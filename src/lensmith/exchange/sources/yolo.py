"""A YOLO dataset, of any version: one text file of boxes an image."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lensmith.exchange.image_file import upright_size
from lensmith.exchange.inside import inside
from lensmith.exchange.sources.source import Source, read_file
from lensmith.exchange.sources.yolo_layout import YoloLayout, read_layout
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.convert.yolo import read_boxes

# Endings that YOLO tools read; those that are neither PNG nor JPEG are named as skipped.
_IMAGES = frozenset(
    {".bmp", ".dng", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp", ".heic", ".avif"}
)


def open_yolo(source: Path, split: str, origin: Origin) -> Source:
    """Images of one split; an image without a label file or lines has no boxes.

    `source` is a data.yaml, or a folder with one or with a list of class names.
    """
    layout = read_layout(source, split)
    name = f"{layout.root.resolve().name}-{split}.manifest"
    return Source(_drafts(layout, origin), (layout.root,), name)


def _drafts(layout: YoloLayout, origin: Origin) -> Iterator[Draft | Problem]:
    for image in layout.images():
        if Path(image).suffix.lower() in _IMAGES:
            yield from _read(layout, image, origin)


def _read(layout: YoloLayout, image: str, origin: Origin) -> Iterator[Draft | Problem]:
    path, labels = inside(layout.root, image), layout.labels_of(image)
    if path is None or labels is None:
        yield Problem(ProblemKind.OUTSIDE, image)
        return
    if not path.is_file():
        yield Problem(ProblemKind.NO_FILE, image)
        return
    size = upright_size(path)
    if size is None:
        yield Problem(ProblemKind.NOT_AN_IMAGE, image)
        return
    boxes: list[PixelBox] = []
    if labels.is_file():
        text = read_file(labels).decode("utf-8-sig", errors="replace")
        where = labels.relative_to(layout.root.resolve()).as_posix()
        for found in read_boxes(text, size, layout.names, where):
            if isinstance(found, Problem):
                yield found
            else:
                boxes.append(found)
    yield Draft(image, bounding_boxes(size, boxes, layout.names, origin))
