"""A folder of Pascal VOC annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.image_file import upright_size
from lensmith.exchange.inside import inside
from lensmith.exchange.sources.source import Source, existing_folder, files_below, read_file
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.convert.voc import VocAnnotation, VocBox, read_annotation

_FOLDERS_OF_IMAGES = ("JPEGImages", "images", "")


def open_voc(folder: Path, origin: Origin) -> Source:
    """Every `.xml` below the folder; classes are numbered in order of appearance."""
    root = existing_folder(folder)
    files = [path for path in files_below(root) if path.suffix.lower() == ".xml"]
    if not files:
        raise ExchangeError(f"There is no .xml file below {root}.")
    folders = (root, *(root / name for name in _FOLDERS_OF_IMAGES if name))
    drafts = _Reader(root, origin).drafts(files)
    return Source(drafts, folders, f"{root.resolve().name}.manifest")


@dataclass(slots=True)
class _Reader:
    root: Path
    origin: Origin
    numbers: dict[str, int] = field(default_factory=dict)  # label -> class number

    def drafts(self, files: list[Path]) -> Iterator[Draft | Problem]:
        for file in files:
            where = file.relative_to(self.root).as_posix()
            if inside(self.root, where) is None:
                yield Problem(ProblemKind.OUTSIDE, where)
                continue
            try:
                annotation = read_annotation(read_file(file), where)
            except UnreadableSourceError as error:
                yield Problem(ProblemKind.UNREADABLE_LABELS, f"{where} ({error})")
                continue
            yield from annotation.problems
            yield self._draft(annotation, file)

    def _draft(self, annotation: VocAnnotation, file: Path) -> Draft | Problem:
        image = self._image(annotation.filename, file)
        path = inside(self.root, image)
        size = annotation.size or (upright_size(path) if path and path.is_file() else None)
        if size is None:
            return Problem(ProblemKind.NO_SIZE, annotation.filename)
        boxes = [self._box(box) for box in annotation.boxes]
        names = {number: label for label, number in self.numbers.items()}
        return Draft(image, bounding_boxes(size, boxes, names, self.origin))

    def _box(self, box: VocBox) -> PixelBox:
        number = self.numbers.setdefault(box.label, len(self.numbers))
        return PixelBox(number, box.left, box.top, box.width, box.height)

    def _image(self, filename: str, file: Path) -> str:
        """Path of the image below the root: beside its annotation, or in the usual folders."""
        beside = file.parent.relative_to(self.root)
        for folder in (beside, *map(Path, _FOLDERS_OF_IMAGES)):
            name = (folder / filename).as_posix()
            path = inside(self.root, name)
            if path is not None and path.is_file():
                return name
        return filename
