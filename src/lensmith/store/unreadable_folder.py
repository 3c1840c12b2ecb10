"""Why a model's or a snapshot's folder cannot be read."""

from __future__ import annotations

from lensmith.domain.errors import LensmithError


class UnreadableFolderError(LensmithError):
    """The folder cannot be read; the message says why."""


class FolderMissingError(UnreadableFolderError):
    """No folder is published under the digest."""


class FolderDamagedError(UnreadableFolderError):
    """The folder's bytes are not those that were published."""


class FolderAwayError(UnreadableFolderError):
    """The object store that has the folder cannot be reached now."""
