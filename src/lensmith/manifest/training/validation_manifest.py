"""The annotated copy of a manifest (manifests.md 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lensmith.manifest.line.annotate import write_findings
from lensmith.manifest.line.attributes import strip_reserved
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.reading import parse
from lensmith.manifest.line.validate import CheckedLine


def annotated(line: bytes, checked: CheckedLine) -> bytes:
    """Return the line with its findings; a clean line comes back as it is."""
    if not checked.findings and not checked.stripped:
        return line
    is_json = all(finding.code is not Code.ERROR_INVALID_JSON_LINE for finding in checked.findings)
    raw = (parse(line) or {}) if is_json else {}
    strip_reserved(raw)
    errors = [finding for finding in checked.findings if not finding.code.is_warning]
    warnings = [finding for finding in checked.findings if finding.code.is_warning]
    write_findings(raw, errors, "errors")
    write_findings(raw, warnings, "warnings")
    return msgspec.json.encode(raw)


def annotated_lines(
    lines: Iterable[bytes], checked: Sequence[CheckedLine], indices: Sequence[int]
) -> Iterator[bytes]:
    """Yield the annotated lines at `indices` of the manifest (ascending from 0)."""
    positions = iter(zip(indices, checked, strict=True))
    wanted = next(positions, None)
    for index, line in enumerate(lines):
        if wanted is not None and wanted[0] == index:
            yield annotated(line, wanted[1])
            wanted = next(positions, None)
