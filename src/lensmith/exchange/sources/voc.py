"""A folder of Pascal VOC annotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.images import Images
from lensmith.exchange.inside import inside
from lensmith.exchange.sources.source import Source, existing_folder, files_below, read_file
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind, UnreadableSourceError
from lensmith.manifest.convert.label_attributes import Origin, PixelBox, bounding_boxes
from lensmith.manifest.convert.voc import VocAnnotation, VocBox, read_annotation

_FOLDERS = (Path("JPEGImages"), Path("images"))


def open_voc(folder: Path, origin: Origin, images: Images) -> Source:
    """Open every `.xml` below the folder; classes are numbered in order of appearance."""
    root = existing_folder(folder)
    files = [path for path in files_below(root) if path.suffix.lower() == ".xml"]
    if not files:
        raise ExchangeError(f"There is no .xml file below {root}.")
    drafts = _Reader(root, origin, images).drafts(files)
    return Source(drafts, f"{root.resolve().name}.manifest")


@dataclass(slots=True)
class _Reader:
    root: Path
    origin: Origin
    images: Images
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
        own = file.relative_to(self.root).with_suffix("")
        image = annotation.filename or own.name
        others = (*(_below(folder, image) for folder in (own.parent, *_FOLDERS)), own.as_posix())
        size = annotation.size or self.images.size_of(image, others)
        if size is None:
            placed = self.images.place(image, others)
            return placed if isinstance(placed, Problem) else Problem(ProblemKind.NO_SIZE, image)
        boxes = [self._box(box) for box in annotation.boxes]
        names = {number: label for label, number in self.numbers.items()}
        return Draft(image, bounding_boxes(size, boxes, names, self.origin), others)

    def _box(self, box: VocBox) -> PixelBox:
        number = self.numbers.setdefault(box.label, len(self.numbers))
        return PixelBox(number, box.left, box.top, box.width, box.height)


def _below(folder: Path, image: str) -> str:
    return image if folder == Path() else f"{folder.as_posix()}/{image}"
