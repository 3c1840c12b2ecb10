"""The parts of a set, as its author divided it into training, validation and test."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lensmith.domain.split_names import SPLITS, are_splits, is_of_training, split_name
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.formats import ImportFormat
from lensmith.exchange.sources.source import files_below
from lensmith.exchange.sources.voc import listed_splits
from lensmith.exchange.sources.yolo_layout import splits_of

TRAIN, TEST = "train", "test"

LABEL_FILES = {
    ImportFormat.COCO: (".json",),
    ImportFormat.CSV: (".csv",),
    ImportFormat.CVAT: (".xml",),
    ImportFormat.LABEL_STUDIO: (".json", ".csv"),
    ImportFormat.GROUND_TRUTH: (".manifest", ".jsonl"),
}
_BOXES = "instances"  # of COCO's own files; the others hold captions and keypoints
_SUBSET = re.compile(r"instances_(.+)")  # whose images are in a folder of its name
_SHOWN = 4  # names in a message


@dataclass(frozen=True, slots=True)
class SetPart:
    """A part, and the type of the dataset that it fills.

    What was held out from training there is held out here: validation goes into TEST.
    """

    type: str  # TRAIN or TEST
    split: str  # its name in the set
    path: Path  # of the file or folder that an importer reads
    folders: tuple[Path, ...] = ()  # further ones where images are


def set_parts(format_: ImportFormat, source: Path) -> list[SetPart]:
    """Return every part of a local set, training first; a set in one piece is one TRAIN part.

    Raises ExchangeError for a folder with several files of labels whose names say no split.
    """
    if format_ is ImportFormat.YOLO:
        found = [_part(split, source) for split in splits_of(source)]
    elif source.is_dir() and format_ in LABEL_FILES:
        found = _of_files(source, LABEL_FILES[format_])
    elif source.is_dir():
        found = _of_folders(format_, source)
    else:
        found = []
    if len(found) == 1:
        return [SetPart(TRAIN, found[0].split, found[0].path, found[0].folders)]
    return sorted(found, key=_order) or [SetPart(TRAIN, TRAIN, source)]


def missing_labels(format_: ImportFormat, parts: Iterable[SetPart]) -> str | None:
    """Return the endings, for a message, of the file of labels that a folder does not have."""
    endings = LABEL_FILES.get(format_)
    is_missing = endings is not None and any(part.path.is_dir() for part in parts)
    return " or ".join(endings) if endings is not None and is_missing else None


def _part(split: str, path: Path, folders: tuple[Path, ...] = ()) -> SetPart:
    return SetPart(TRAIN if is_of_training(split) else TEST, split, path, folders)


def _order(part: SetPart) -> tuple[bool, bool, str]:
    """Order: training, test, validation."""
    return part.type != TRAIN, split_name(part.split) != TEST, part.split


def _of_folders(format_: ImportFormat, root: Path) -> list[SetPart]:
    """Take folders that are splits: for `folders` their root is read, for others each.

    Of VOC, the lists of `ImageSets/Main` go before.
    """
    if format_ is ImportFormat.VOC and (listed := listed_splits(root)):
        return [_part(split, root) for split in listed]
    names = _folders(root)
    if len(names) == 1 and are_splits(_folders(root / names[0])):
        root = root / names[0]
        names = _folders(root)
    if not are_splits(names):
        return []
    is_tree = format_ is ImportFormat.FOLDERS
    return [_part(name, root if is_tree else root / name) for name in names]


def _folders(root: Path) -> list[str]:
    found = sorted(path.name for path in root.iterdir() if path.is_dir())
    return [name for name in found if not name.startswith(".") and name != "__MACOSX"]


def _of_files(root: Path, endings: tuple[str, ...]) -> list[SetPart]:
    files = [
        path
        for path in files_below(root)
        if path.suffix.lower() in endings and not path.name.startswith(".")
    ]
    if len(files) <= 1:
        return [_part(TRAIN, file, (*_subset(root, file), root, root / "images")) for file in files]
    by_split: dict[str, list[Path]] = {}
    for file in files:
        by_split.setdefault(_split_of(file.relative_to(root)), []).append(file)
    chosen = {split: _one(root, found) for split, found in by_split.items()}
    if "" in chosen:
        raise _several(root, files)
    return [_part(split, file, (*_folders_of(root, split), root)) for split, file in chosen.items()]


def _one(root: Path, files: list[Path]) -> Path:
    boxes = [file for file in files if _BOXES in file.stem.lower()]
    found = boxes if len(files) > 1 and boxes else files
    if len(found) > 1:
        raise _several(root, found)
    return found[0]


def _several(root: Path, files: list[Path]) -> ExchangeError:
    shown = ", ".join(file.relative_to(root).as_posix() for file in files[:_SHOWN])
    more = ", …" if len(files) > _SHOWN else ""
    return ExchangeError(f"{root} has several files of labels: {shown}{more}. Name one of them.")


def _split_of(path: Path) -> str:
    """Find the split in the words of a relative path, the last one first; empty if none has."""
    words = re.findall(r"[a-z]+", path.with_suffix("").as_posix().lower())
    return next((word for word in reversed(words) if word in SPLITS), "")


def _subset(root: Path, file: Path) -> tuple[Path, ...]:
    """Return where the images of `annotations/instances_default.json`, as CVAT calls it, are."""
    named = _SUBSET.fullmatch(file.stem)
    return () if named is None else (root / "images" / named[1], root / named[1])


def _folders_of(root: Path, split: str) -> tuple[Path, ...]:
    """Return folders of a split's images, such as `train2017` or `images/train`."""
    outer = [folder for folder in (root, root / "images") if folder.is_dir()]
    places = sorted(path for folder in outer for path in folder.iterdir() if path.is_dir())
    return tuple(path for path in places if _split_of(Path(path.name)) == split)
