"""What the name and size of a manifest's S3 object already tell (manifests.md 2.1, 3.2)."""

from __future__ import annotations

from lensmith.config import Quotas
from lensmith.manifest.finding import Code, ManifestFileError


def check_manifest_object(key: str, size: int, quotas: Quotas) -> None:
    """Raises ManifestFileError when the object of `size` bytes need not be read at all."""
    if not _has_extension(key):
        raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
    if size > quotas.manifest_bytes:
        raise ManifestFileError(Code.ERROR_MANIFEST_SIZE_TOO_LARGE)
    if size == 0:
        raise ManifestFileError(Code.ERROR_EMPTY_MANIFEST)


def _has_extension(key: str) -> bool:
    """Whether the last segment of the key has one; any passes, `.manifest` is convention."""
    name = key.rpartition("/")[2]
    _, dot, extension = name.rpartition(".")
    return bool(dot and extension)
