"""Findings written into the line they concern (manifests.md 2.3, 3.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lensmith.manifest.line.attributes import SUFFIX
from lensmith.manifest.line.finding import Finding, Level


def write_findings(raw: dict[str, Any], findings: Iterable[Finding], key: str) -> None:
    """Append each finding to the array `key` of the object it concerns.

    If that is not an object, the finding goes to the line itself.
    """
    for finding in findings:
        holder = _holder(raw, finding)
        holder.setdefault(key, []).append(finding.report())


def _holder(raw: dict[str, Any], finding: Finding) -> dict[str, Any]:
    holder: Any = raw
    match finding.code.level:
        case Level.ATTRIBUTE:
            holder = raw.get(f"{finding.attribute}")
        case Level.METADATA:
            holder = raw.get(f"{finding.attribute}{SUFFIX}")
        case Level.ANNOTATION:
            holder = raw[f"{finding.attribute}"]["annotations"][finding.annotation]
    return holder if isinstance(holder, dict) else raw
