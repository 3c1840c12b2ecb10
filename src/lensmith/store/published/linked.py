"""A published folder as links, for a machine that has no key of the store.

Who has the links may read the files of this one folder until they expire.
"""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from lensmith.store.published.index import Index
from lensmith.store.unreadable_folder import FolderMissingError

_SECONDS = 60.0  # without a byte from the store
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class LinkedFolder:
    """The index of a folder, and where each file can be read without a key."""

    digest: str
    index: bytes
    links: Mapping[str, str] = field(repr=False)  # by the file's name

    def fetch(self, folder: Path) -> bytes:
        """Download the files into an empty folder; returns the index, as `cache.Fetch` does.

        Raises OSError when the store is away, breaks off, or the links have expired, and
        UnreadableFolderError.
        """
        index = Index.decode(self.index, self.digest)
        for file in index.files:
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            _download(self.links[file.name], path)
        index.check(folder)
        return self.index


def _download(link: str, path: Path) -> None:
    request = urllib.request.Request(link)  # noqa: S310 - signed by the server
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer, path.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(answer, file)
            announced = int(answer.headers["Content-Length"] or 0)
            if file.tell() < announced:  # read with an amount, a body that ends early is no error
                raise OSError(f"The store broke off {path.name}.")
    except HTTPError as error:
        if error.code == _NOT_FOUND:
            raise FolderMissingError(f"{path.name} is not in the system bucket.") from None
        raise OSError(f"The store answers {error.code}.") from None  # without the link
    except HTTPException as error:
        raise OSError(f"The store does not answer as one: {type(error).__name__}.") from None
