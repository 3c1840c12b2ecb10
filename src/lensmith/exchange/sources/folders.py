"""A folder tree whose first level names the labels, on disk or in S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from lensmith.domain.split_names import are_splits, folder_of_split
from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.object_list import list_objects
from lensmith.exchange.picture_index import PICTURE_ENDINGS
from lensmith.exchange.services import Location, is_location
from lensmith.exchange.sources.source import Source, existing_folder, files_below
from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.convert.folder_label import folder_label, is_picture_name
from lensmith.manifest.convert.label_attributes import image_level

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NAME = "folders.manifest"


def open_folders(
    source: str, created: str, s3: S3Client | None, *, split: str = "train", labels: bool = True
) -> Source:
    """Open every PNG and JPEG below the source, by their endings; other pictures are named.

    Where the first level is train, valid and test, one split is read, and the second level names
    the labels. Without `labels` no folder becomes one. Raises ExchangeError when the folders
    are splits without labels below them.
    """
    if s3 is not None and is_location(source):
        folder = Location.read(source).as_folder()
        keys = [key.removeprefix(folder.key) for key, _, _ in list_objects(s3, folder)]
        names, prefix = keys, str(folder)
    else:
        root = existing_folder(Path(source))
        files = (path.relative_to(root).as_posix() for path in files_below(root))
        names, prefix = list(files), ""
    names = [name for name in names if _has_picture_ending(name) and not _is_hidden(name)]
    return Source(_usable(_drafts(names, prefix, created, split, labels)), _NAME)


def _usable(drafts: Iterator[Draft | Problem]) -> Iterator[Draft | Problem]:
    for draft in drafts:
        if isinstance(draft, Draft) and not is_picture_name(draft.image):
            yield Problem(ProblemKind.NOT_AN_IMAGE, draft.image)
        else:
            yield draft


def _drafts(
    names: list[str], prefix: str, created: str, split: str, labels: bool
) -> Iterator[Draft | Problem]:
    if not labels:
        yield from (Draft(prefix + name, image_level([], created)) for name in names)
        return
    below = _wrapper(names)
    inner = [name.removeprefix(below) for name in names]
    first = {folder for name in inner if (folder := folder_label(name)) is not None}
    if are_splits(first):
        chosen = _split_folder(inner, first, split)
        below = f"{below}{chosen}/"
        others = sorted(folder for folder in first if folder != chosen)
        yield from (Problem(ProblemKind.NOT_OF_THE_SPLIT, folder) for folder in others)
    for name in names:
        if name.startswith(below):
            label = folder_label(name.removeprefix(below))
            yield Draft(prefix + name, image_level([label] if label else [], created))


def _has_picture_ending(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in PICTURE_ENDINGS


def _is_hidden(name: str) -> bool:
    """Return whether a part of the path is hidden, as version control and Macs leave behind."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _wrapper(names: list[str]) -> str:
    """Return the one folder, with its slash, that holds nothing but splits; else nothing."""
    tops = {folder_label(name) for name in names}
    top = tops.pop() if len(tops) == 1 else None
    if top is None:
        return ""
    inner = {folder_label(name.removeprefix(f"{top}/")) for name in names}
    return f"{top}/" if None not in inner and are_splits(filter(None, inner)) else ""


def _split_folder(names: list[str], first: Iterable[str], split: str) -> str:
    shown = ", ".join(sorted(first))
    if not any(name.count("/") > 1 for name in names):
        raise ExchangeError(
            f"The folders {shown} are splits, not labels, and no folder below them names one. "
            "Put each image into SPLIT/LABEL/ or use a file of labels."
        )
    folder = folder_of_split(first, split)
    if folder is None:
        raise ExchangeError(f"The folders are the splits {shown}; choose one with --split.")
    return folder
