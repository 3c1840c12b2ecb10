"""Training validation, first step: every line of a manifest checked (manifests.md 3.2, 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from lensmith.config import Quotas
from lensmith.manifest.line.finding import Code, Finding, ManifestFileError
from lensmith.manifest.line.reading import is_blank
from lensmith.manifest.line.validate import CheckedLine, LineStatus, check_line

_NOT_JSON = Finding(Code.ERROR_INVALID_JSON_LINE)


@dataclass(frozen=True, slots=True)
class ImageFaults:
    """Faults of the images that the valid lines of one manifest name."""

    invalid_images: frozenset[int] = field(default=frozenset())  # indices of lines, from 0
    bucket_denied: bool = False  # the image bucket denies access as a whole
    bucket_of_other_owner: bool = False
    none_read: bool = False  # not one image could be read


def check_lines(lines: Iterable[bytes], quotas: Quotas) -> list[CheckedLine]:
    """Check a manifest given by `reading.read_lines`; raises ManifestFileError.

    Takes about 0.5 KB a line, and 40 bytes a box.
    """
    checked: list[CheckedLine] = []
    blank = 0
    for line in lines:
        blank += is_blank(line)
        checked.append(check_line(line))
        if len(checked) > quotas.dataset_entries:
            raise ManifestFileError(Code.ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM)
    if blank == len(checked):
        raise ManifestFileError(Code.ERROR_EMPTY_MANIFEST)
    if all(_NOT_JSON in line.findings for line in checked):
        raise ManifestFileError(Code.ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT)
    return checked


def with_image_faults(lines: Sequence[CheckedLine], faults: ImageFaults) -> list[CheckedLine]:
    """Return the lines, with ERROR_INVALID_IMAGE on those whose image is at fault."""
    return [
        _with_invalid_image(line) if index in faults.invalid_images else line
        for index, line in enumerate(lines)
    ]


def _with_invalid_image(line: CheckedLine) -> CheckedLine:
    findings = (*line.findings, Finding(Code.ERROR_INVALID_IMAGE))
    return structs.replace(line, status=LineStatus.INVALID, entry=None, findings=findings)
