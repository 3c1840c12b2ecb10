"""The training moment, second step: may the manifests train, and on what (manifests.md 3.3, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lensmith.config import Quotas
from lensmith.manifest.checked import ImageFaults, with_image_faults
from lensmith.manifest.content import (
    ContentError,
    PartLabels,
    Place,
    in_table_order,
    label_errors,
    manifest_errors,
    usable_label_errors,
)
from lensmith.manifest.finding import Code
from lensmith.manifest.split import TooFewImages, choose_test_lines
from lensmith.manifest.summary import Statistics, summary
from lensmith.manifest.training_entry import TrainingEntry, usable_entries
from lensmith.manifest.use_case import Formats, UseCase, is_brand, use_case_of
from lensmith.manifest.validate import CheckedLine
from lensmith.manifest.validation_manifest import annotated_lines


@dataclass(frozen=True, slots=True)
class Part:
    """The training or the testing side, after a split if there was one."""

    lines: Sequence[CheckedLine]
    indices: Sequence[int]  # of `lines` in the manifest they came from, ascending from 0
    statistics: Statistics
    entries: tuple[TrainingEntry, ...]  # usable in the use case; none when the training fails

    def validation_manifest(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The validation manifest line by line, without line ends (5.2).

        `lines` is the manifest that the part came from, read once more.
        """
        return annotated_lines(lines, self.lines, self.indices)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a training may go on, and everything the result files tell of its manifests."""

    use_case: UseCase
    training: Part
    testing: Part | None  # None when an automatic split did not come about
    labels: tuple[str, ...]  # usable labels of the training part, sorted; none when it fails
    errors: tuple[ContentError, ...]  # in the order of the rules

    @property
    def status_message(self) -> str | None:
        """The StatusMessage of the failed training; None when it may go on."""
        return self.errors[0].code.message if self.errors else None

    def summary(self) -> dict[str, object]:
        """The manifest summary file as a JSON object (5.1)."""
        testing = self.testing.statistics if self.testing else Statistics()
        return summary(
            self.use_case,
            self.training.statistics,
            testing,
            _codes(self.errors, Place.COMMON),
        )


def judge(
    training: Sequence[CheckedLine],
    testing: Sequence[CheckedLine] | None,
    training_faults: ImageFaults,
    testing_faults: ImageFaults,
    quotas: Quotas,
    seed: int = 0,
) -> Verdict:
    """Judge checked manifests; without `testing`, a fifth of `training` becomes the test part."""
    sides = _Sides.of_manifests(
        with_image_faults(training, training_faults),
        None if testing is None else with_image_faults(testing, testing_faults),
    )
    errors = in_table_order(sides.manifest_errors(training_faults, testing_faults))
    if errors:
        return sides.verdict(UseCase.NOT_DETERMINED, errors)
    formats = sides.formats()
    use_case = use_case_of(*formats)
    if testing is None:
        try:
            sides = sides.split(seed)
        except TooFewImages:
            code = Code.ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT
            return sides.verdict(use_case, [ContentError(code, Place.TRAINING)])
    errors = in_table_order(label_errors(sides.labels(), use_case, quotas))
    if errors:
        return sides.verdict(use_case, errors)
    usable = sides.usable(use_case, is_brand(*formats))
    errors = in_table_order(usable_label_errors(usable.labels(), use_case))
    return sides.verdict(use_case, errors, _Usable((), ()) if errors else usable)


@dataclass(frozen=True, slots=True)
class _Usable:
    training: tuple[TrainingEntry, ...]
    testing: tuple[TrainingEntry, ...]

    def labels(self) -> PartLabels:
        return PartLabels(_label_names(self.training), _label_names(self.testing))


@dataclass(frozen=True, slots=True)
class _Sides:
    """The checked lines of both sides and where in their manifests they stand."""

    training: Sequence[CheckedLine]
    training_indices: Sequence[int]
    testing: Sequence[CheckedLine] | None
    testing_indices: Sequence[int]

    @classmethod
    def of_manifests(
        cls, training: Sequence[CheckedLine], testing: Sequence[CheckedLine] | None
    ) -> _Sides:
        return cls(training, range(len(training)), testing, range(len(testing or ())))

    def split(self, seed: int) -> _Sides:
        """Both sides cut from the training manifest; raises TooFewImages."""
        chosen = choose_test_lines([line.label_names for line in self.training], seed)
        kept = [index for index in range(len(self.training)) if index not in chosen]
        moved = sorted(chosen)
        return _Sides(
            [self.training[index] for index in kept],
            kept,
            [self.training[index] for index in moved],
            moved,
        )

    def manifest_errors(
        self, training_faults: ImageFaults, testing_faults: ImageFaults
    ) -> Iterator[ContentError]:
        yield from manifest_errors(Place.TRAINING, self.training, training_faults)
        if self.testing is not None:
            yield from manifest_errors(Place.TESTING, self.testing, testing_faults)

    def formats(self) -> tuple[Formats, Formats]:
        return _formats(self.training), _formats(self.testing or ())

    def labels(self) -> PartLabels:
        return PartLabels(
            {name for line in self.training for name in line.label_names},
            {name for line in self.testing or () for name in line.label_names},
        )

    def usable(self, use_case: UseCase, brand: bool) -> _Usable:
        return _Usable(
            usable_entries(self.training, self.training_indices, use_case, brand),
            usable_entries(self.testing or (), self.testing_indices, use_case, False),
        )

    def verdict(
        self,
        use_case: UseCase,
        errors: Sequence[ContentError],
        usable: _Usable | None = None,
    ) -> Verdict:
        entries = usable or _Usable((), ())
        training = _part(
            self.training, self.training_indices, _codes(errors, Place.TRAINING), entries.training
        )
        testing = None
        if self.testing is not None:
            testing = _part(
                self.testing, self.testing_indices, _codes(errors, Place.TESTING), entries.testing
            )
        return Verdict(
            use_case, training, testing, tuple(sorted(entries.labels().training)), tuple(errors)
        )


def _part(
    lines: Sequence[CheckedLine],
    indices: Sequence[int],
    errors: Sequence[Code],
    entries: tuple[TrainingEntry, ...],
) -> Part:
    return Part(lines, indices, Statistics.of(lines, errors), entries)


def _codes(errors: Iterable[ContentError], place: Place) -> list[Code]:
    return [error.code for error in errors if error.place is place]


def _formats(lines: Iterable[CheckedLine]) -> Formats:
    return Formats.of(line.entry for line in lines if line.entry is not None)


def _label_names(entries: Iterable[TrainingEntry]) -> set[str]:
    return {name for one in entries for name in one.entry.label_names}
