"""The verdict on one line, the same at both moments (manifests.md 3.5, 3.6)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from lensmith.manifest.line.attributes import pairs_of, strip_reserved
from lensmith.manifest.line.entry import Entry
from lensmith.manifest.line.fast_path import Flawless, entry_of
from lensmith.manifest.line.fast_path import read as read_flawless
from lensmith.manifest.line.finding import Code, Finding
from lensmith.manifest.line.hard_stops import HardStop, attributes_of, source_ref_of
from lensmith.manifest.line.label_rules import judge_attributes
from lensmith.manifest.line.reading import parse


class Outcome(StrEnum):
    """How a line counts in the statistics (5.1)."""

    VALID = "valid"
    INVALID = "invalid"
    IGNORED = "ignored"


class CheckedLine(Struct, frozen=True, gc=False):
    """What is known of a line once it is checked; its text is not kept."""

    outcome: Outcome
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


def examine(line: bytes) -> Flawless | CheckedLine:
    """Parse and validate one line without its end; a flawless line comes as it was decoded."""
    quick = read_flawless(line)
    if quick is not None:
        return quick
    raw = parse(line)
    if raw is None:
        return CheckedLine(Outcome.INVALID, None, None, (Finding(Code.ERROR_INVALID_JSON_LINE),))
    return check_object(raw)


def check_line(line: bytes) -> CheckedLine:
    """Validate one line without its end and keep what training needs of it, compactly."""
    examined = examine(line)
    if isinstance(examined, Flawless):
        return CheckedLine(Outcome.VALID, examined.source_ref, entry_of(examined))
    return examined


def check_object(raw: dict[str, Any]) -> CheckedLine:
    """Check the JSON object of a line by the complete rules, removing reserved keys from it."""
    stripped = strip_reserved(raw)
    source_ref = None
    try:
        source_ref = source_ref_of(raw)
        attributes = attributes_of(raw, pairs_of(raw))
    except HardStop as stop:
        return CheckedLine(Outcome.INVALID, source_ref, None, (stop.finding,), stripped)
    entry, findings = judge_attributes(source_ref, attributes)
    outcome = _outcome(entry, findings)
    return CheckedLine(outcome, source_ref, entry, tuple(findings), stripped)


def _outcome(entry: Entry | None, findings: list[Finding]) -> Outcome:
    if entry is not None:
        return Outcome.VALID
    if all(finding.code.is_warning for finding in findings):
        return Outcome.IGNORED
    return Outcome.INVALID
