"""Validates one line, alike for datasets and for training (manifests.md 3.5, 3.6)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from lensmith.manifest.line import fast_path
from lensmith.manifest.line.attributes import pairs_of, strip_reserved
from lensmith.manifest.line.entry import Entry
from lensmith.manifest.line.fast_path import CompleteLine, entry_of
from lensmith.manifest.line.finding import Code, Finding
from lensmith.manifest.line.hard_stops import HardStop, attributes_of, source_ref_of
from lensmith.manifest.line.label_rules import judge_attributes
from lensmith.manifest.line.reading import parse


class LineStatus(StrEnum):
    """How a line counts in the statistics (5.1)."""

    VALID = "valid"
    INVALID = "invalid"
    IGNORED = "ignored"


class CheckedLine(Struct, frozen=True, gc=False):
    """The result of validating a line, without its text."""

    status: LineStatus
    source_ref: str | None  # None unless well-formed
    entry: Entry | None = None  # of a valid line
    findings: tuple[Finding, ...] = ()
    stripped: bool = False  # the line held reserved keys, which its copies lack

    @property
    def label_names(self) -> frozenset[str]:
        """The valid labels of the line in either format."""
        return frozenset() if self.entry is None else self.entry.label_names

    @property
    def has_errors(self) -> bool:
        """Whether the line holds an error at any level; a valid line may."""
        return any(not finding.code.is_warning for finding in self.findings)


def examine(line: bytes) -> CompleteLine | CheckedLine:
    """Parse and validate one line without its end; a complete line comes as it was decoded."""
    quick = fast_path.read(line)
    if quick is not None:
        return quick
    raw = parse(line)
    if raw is None:
        return CheckedLine(LineStatus.INVALID, None, None, (Finding(Code.ERROR_INVALID_JSON_LINE),))
    return check_object(raw)


def check_line(line: bytes) -> CheckedLine:
    """Validate one line without its end and keep what training needs of it, compactly."""
    examined = examine(line)
    if isinstance(examined, CompleteLine):
        return CheckedLine(LineStatus.VALID, examined.source_ref, entry_of(examined))
    return examined


def check_object(raw: dict[str, Any]) -> CheckedLine:
    """Check the JSON object of a line by the complete rules, removing reserved keys from it."""
    stripped = strip_reserved(raw)
    source_ref = None
    try:
        source_ref = source_ref_of(raw)
        attributes = attributes_of(raw, pairs_of(raw))
    except HardStop as stop:
        return CheckedLine(LineStatus.INVALID, source_ref, None, (stop.finding,), stripped)
    entry, findings = judge_attributes(source_ref, attributes)
    return CheckedLine(_status(entry, findings), source_ref, entry, tuple(findings), stripped)


def _status(entry: Entry | None, findings: list[Finding]) -> LineStatus:
    if entry is not None:
        return LineStatus.VALID
    if all(finding.code.is_warning for finding in findings):
        return LineStatus.IGNORED
    return LineStatus.INVALID
