"""Finds the picture that a name of another machine means, among all that there are."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, unquote_plus

# Endings that a name may have although the picture was saved with another one.
PICTURE_ENDINGS = frozenset(
    {".avif", ".bmp", ".dng", ".gif", ".heic", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff"}
    | {".webp"}
)

_QUERY = re.compile(r"(?<=[a-z])[?#].*$", re.IGNORECASE)  # after the ending in an address
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")  # what Label Studio puts before a file's name


class PictureIndex:
    """Looks up relative paths by file name, and without their ending, in any case."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            name = PurePosixPath(path).name
            self._by_name[_folded(name)].append(path)
            self._by_stem[_folded(PurePosixPath(name).stem)].append(path)

    def find(self, name: str, others: Iterable[str] = ()) -> list[str]:
        """Return the paths that the name may mean, as far as its other names leave several."""
        matches = self._find(name)
        for other in others:
            if len(matches) == 1:
                break
            found = self._find(other)
            matches = [one for one in found if one in matches] or matches if matches else found
        return matches

    def _find(self, name: str) -> list[str]:
        """Return the paths that the name may mean: of those that share most folders, each."""
        for variant in _variants(name):
            parts = foreign_parts(variant)
            found = self._named(parts[-1]) if parts else []
            if found:
                return _closest(found, parts)
        return []

    def _named(self, name: str) -> Sequence[str]:
        last, stem = _folded(name), PurePosixPath(name)
        if found := self._by_name.get(last) or self._by_stem.get(last):
            return found
        if stem.suffix.lower() in PICTURE_ENDINGS:
            return self._by_stem.get(_folded(stem.stem), [])
        return []


def _variants(name: str) -> Iterator[str]:
    """Yield a name as it stands, and without what addresses and upload forms add to it."""
    bare = _QUERY.sub("", name.strip())
    yield from dict.fromkeys((name, bare, unquote(bare), unquote_plus(bare)))
    *folders, last = foreign_parts(bare) or [""]
    if _UPLOADED.match(last):
        yield "/".join([*folders, _UPLOADED.sub("", last)])


def foreign_parts(name: str) -> list[str]:
    """Split a path of any system into its parts, without drive, `.` and `..`."""
    parts = name.replace("\\", "/").split("/")
    return [part for part in parts if part not in {"", ".", ".."} and not part.endswith(":")]


def _closest(paths: Sequence[str], parts: Sequence[str]) -> list[str]:
    """Keep those that have most folders in common with the name, counted from its end."""
    scores = [_shared(PurePosixPath(path).parts, parts) for path in paths]
    closest = [path for path, score in zip(paths, scores, strict=True) if score == max(scores)]
    same_case = [path for path in closest if PurePosixPath(path).name == parts[-1]]
    return same_case or closest


def _shared(path: Sequence[str], parts: Sequence[str]) -> int:
    shared = 0
    for one, other in zip(reversed(path[:-1]), reversed(parts[:-1]), strict=False):
        if _folded(one) != _folded(other):
            break
        shared += 1
    return shared


def _folded(name: str) -> str:
    """Remove the differences that file systems make or ignore: case, composed accents."""
    return unicodedata.normalize("NFC", name).casefold()
