"""The training moment, second step: may the manifests train, and on what (manifests.md 3.3, 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec import Struct

from lensmith.config import Quotas
from lensmith.manifest.checked import ImageFaults
from lensmith.manifest.entry import Entry
from lensmith.manifest.finding import Code
from lensmith.manifest.summary import Statistics, summary
from lensmith.manifest.use_case import UseCase
from lensmith.manifest.validate import CheckedLine


class TrainingEntry(Struct, frozen=True, gc=False):
    """An image to train or test with, cut down to the labels of the use case."""

    entry: Entry
    index: int  # line in the manifest it came from, from 0
    line_number: int  # line of the part's validation manifest, from 1
    is_full_frame: bool = False  # brand case: each label is a box around the whole image


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
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Verdict:
    use_case: UseCase
    training: Part
    testing: Part | None  # None when an automatic split did not come about
    labels: tuple[str, ...]  # usable labels of the training part, sorted
    errors: tuple[Code, ...]  # all content errors, in the order of the rules
    common_errors: tuple[Code, ...]  # those that concern both manifests together

    @property
    def status_message(self) -> str | None:
        """The StatusMessage of the failed training; None when it may go on."""
        return self.errors[0].message if self.errors else None

    def summary(self) -> dict[str, object]:
        """The manifest summary file as a JSON object (5.1)."""
        testing = self.testing.statistics if self.testing else Statistics()
        return summary(self.use_case, self.training.statistics, testing, self.common_errors)


def judge(
    training: Sequence[CheckedLine],
    testing: Sequence[CheckedLine] | None,
    training_faults: ImageFaults,
    testing_faults: ImageFaults,
    quotas: Quotas,
    seed: int = 0,
) -> Verdict:
    """Judge checked manifests; without `testing`, a fifth of `training` becomes the test part."""
    raise NotImplementedError
