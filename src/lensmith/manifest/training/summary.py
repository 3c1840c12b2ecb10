"""The manifest summary file (manifests.md 5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.validate import CheckedLine, LineStatus
from lensmith.manifest.training.use_case import UseCase


@dataclass(frozen=True, slots=True)
class Statistics:
    """Line counts and errors of one manifest, or of one part of a split manifest."""

    total: int = 0
    valid: int = 0
    invalid: int = 0
    ignored: int = 0
    error_lines: tuple[int, ...] = ()  # 1-based, lines with an error at any level
    errors: tuple[Code, ...] = field(default=())

    @classmethod
    def of(cls, lines: Sequence[CheckedLine], errors: Sequence[Code] = ()) -> Statistics:
        counts = dict.fromkeys(LineStatus, 0)
        for line in lines:
            counts[line.status] += 1
        return cls(
            len(lines),
            counts[LineStatus.VALID],
            counts[LineStatus.INVALID],
            counts[LineStatus.IGNORED],
            tuple(number for number, line in enumerate(lines, 1) if line.has_errors),
            tuple(errors),
        )

    def report(self, use_case: UseCase) -> dict[str, object]:
        return {
            "use_case": use_case.value,
            "total_json_lines": self.total,
            "valid_json_lines": self.valid,
            "invalid_json_lines": self.invalid,
            "ignored_json_lines": self.ignored,
            "error_json_line_indices": list(self.error_lines),
            "errors": [code.report() for code in self.errors],
        }


def summary(
    use_case: UseCase, training: Statistics, testing: Statistics, errors: Sequence[Code]
) -> dict[str, object]:
    """Return the JSON object of the file; `errors` concern both manifests together."""
    return {
        "statistics": {
            "training": training.report(use_case),
            "testing": testing.report(use_case),
        },
        "errors": [code.report() for code in errors],
    }
