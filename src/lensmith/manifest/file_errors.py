"""Turns errors of the object store into the codes of a manifest file (manifests.md 2.1, 3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lensmith.domain.errors import ObjectForbidden, ObjectMissing, ObjectTooLarge
from lensmith.manifest.line.finding import Code, ManifestFileError


@contextmanager
def manifest_file_errors() -> Iterator[None]:
    """Translate ObjectForbidden, ObjectMissing and ObjectTooLarge into ManifestFileError."""
    try:
        yield
    except ObjectForbidden as error:
        raise ManifestFileError(Code.ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET) from error
    except ObjectMissing as error:
        raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT) from error
    except ObjectTooLarge as error:
        raise ManifestFileError(Code.ERROR_MANIFEST_SIZE_TOO_LARGE) from error
