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

_LISTS = Path("ImageSets", "Main")
_SPLITS = ("train", "test", "val")
_FOLDERS = (Path("JPEGImages"), Path("images"))


def open_voc(folder: Path, origin: Origin, images: Images, split: str = "") -> Source:
    """Open every `.xml` below the folder, or those that the list of a split names.

    Classes are numbered in order of appearance. Raises ExchangeError without any.
    """
    root = existing_folder(folder)
    files = [path for path in files_below(root) if path.suffix.lower() == ".xml"]
    listed = _listed(root, split)
    if listed is not None:
        files = [path for path in files if path.stem in listed]
    if not files:
        raise ExchangeError(f"There is no .xml file below {root}.")
    drafts = _Reader(root, origin, images).drafts(files)
    name = root.resolve().name if listed is None else f"{root.resolve().name}-{split}"
    return Source(drafts, f"{name}.manifest")


def listed_splits(root: Path) -> list[str]:
    """Return the splits that `ImageSets/Main` lists, as PASCAL's own sets have them."""
    names = [name for name in _SPLITS if (root / _LISTS / f"{name}.txt").is_file()]
    return names if len(names) > 1 else []


def _listed(root: Path, split: str) -> frozenset[str] | None:
    """Return the stems of a split; None where the set has no such lists."""
    if split not in listed_splits(root):
        return None
    text = read_file(root / _LISTS / f"{split}.txt").decode("utf-8-sig", errors="replace")
    lines = (line.split() for line in text.splitlines())
    return frozenset(words[0].rpartition("/")[2] for words in lines if words)


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
