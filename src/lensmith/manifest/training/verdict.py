"""Training validation, second step: decides whether and on what to train (manifests.md 3.3, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lensmith.config import Quotas
from lensmith.manifest.line.finding import Code
from lensmith.manifest.line.validate import CheckedLine
from lensmith.manifest.training.checked import ImageFaults
from lensmith.manifest.training.content import (
    ContentError,
    ErrorScope,
    PartLabels,
    in_table_order,
    label_errors,
    manifest_errors,
    usable_label_errors,
)
from lensmith.manifest.training.entry import TrainingEntry
from lensmith.manifest.training.part_lines import PartLines, label_names_of
from lensmith.manifest.training.split import TooFewImages
from lensmith.manifest.training.summary import Statistics, summary
from lensmith.manifest.training.use_case import Formats, UseCase, is_brand, use_case_of
from lensmith.manifest.training.validation_manifest import annotated_lines


@dataclass(frozen=True, slots=True)
class Part:
    """The training or the testing side, after a split if there was one."""

    lines: Sequence[CheckedLine]
    indices: Sequence[int]  # of `lines` in the manifest they came from, ascending from 0
    statistics: Statistics
    entries: tuple[TrainingEntry, ...]  # usable in the use case; empty when the training fails

    def validation_manifest(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Return the validation manifest line by line, without line ends (5.2).

        `lines` is the manifest that the part came from, read once more.
        """
        return annotated_lines(lines, self.lines, self.indices)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a training may go on, and all that the result files report of its manifests."""

    use_case: UseCase
    training: Part
    testing: Part | None  # None when the automatic split failed
    labels: tuple[str, ...]  # usable labels of the training part, sorted; empty when it fails
    errors: tuple[ContentError, ...]  # in the order of the rules

    @property
    def status_message(self) -> str | None:
        """The StatusMessage of the failed training; None when it may go on."""
        return self.errors[0].code.message if self.errors else None

    def summary(self) -> dict[str, object]:
        """Return the manifest summary file as a JSON object (5.1)."""
        testing = self.testing.statistics if self.testing else Statistics()
        return summary(
            self.use_case,
            self.training.statistics,
            testing,
            _codes(self.errors, ErrorScope.COMMON),
        )


def judge(
    training: Sequence[CheckedLine],
    testing: Sequence[CheckedLine] | None,
    training_faults: ImageFaults,
    testing_faults: ImageFaults,
    quotas: Quotas,
    seed: int = 0,
    scenes: Mapping[str, int] | None = None,
) -> Verdict:
    """Judge checked manifests; without `testing`, a fifth of `training` becomes the test part.

    `scenes` numbers the scene of each source-ref; a scene is not split as far as labels allow.
    """
    train = PartLines.whole(training, training_faults)
    test = None if testing is None else PartLines.whole(testing, testing_faults)
    errors = list(manifest_errors(ErrorScope.TRAINING, train.lines, training_faults))
    if test is not None:
        errors += manifest_errors(ErrorScope.TESTING, test.lines, testing_faults)
    if errors:
        return _verdict(UseCase.NOT_DETERMINED, train, test, errors)

    formats = train.formats(), test.formats() if test is not None else Formats()
    use_case = use_case_of(*formats)
    if test is None:
        try:
            train, test = train.split(seed, scenes or {})
        except TooFewImages:
            code = Code.ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT
            return _verdict(use_case, train, None, [ContentError(code, ErrorScope.TRAINING)])

    labels = PartLabels(train.label_names(), test.label_names())
    errors = list(label_errors(labels, use_case, quotas))
    if errors:
        return _verdict(use_case, train, test, errors)

    entries = _Entries(
        train.usable(use_case, is_brand(*formats)), test.usable(use_case, brand=False)
    )
    errors = list(usable_label_errors(entries.labels(), use_case))
    return _verdict(use_case, train, test, errors, _Entries() if errors else entries)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Usable entries of both parts; empty in a training that fails."""

    training: tuple[TrainingEntry, ...] = ()
    testing: tuple[TrainingEntry, ...] = ()

    def labels(self) -> PartLabels:
        return PartLabels(label_names_of(self.training), label_names_of(self.testing))


def _verdict(
    use_case: UseCase,
    training: PartLines,
    testing: PartLines | None,
    errors: Iterable[ContentError],
    entries: _Entries | None = None,
) -> Verdict:
    in_order = in_table_order(errors)
    entries = entries or _Entries()
    test_part = None
    if testing is not None:
        test_part = _part(testing, _codes(in_order, ErrorScope.TESTING), entries.testing)
    return Verdict(
        use_case,
        _part(training, _codes(in_order, ErrorScope.TRAINING), entries.training),
        test_part,
        tuple(sorted(entries.labels().training)),
        tuple(in_order),
    )


def _part(side: PartLines, errors: Sequence[Code], entries: tuple[TrainingEntry, ...]) -> Part:
    return Part(side.lines, side.indices, Statistics.of(side.lines, errors), entries)


def _codes(errors: Iterable[ContentError], scope: ErrorScope) -> list[Code]:
    return [error.code for error in errors if error.scope is scope]
