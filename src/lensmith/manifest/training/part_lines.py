"""The lines of the training or test part, and their indices in the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lensmith.manifest.line.validate import CheckedLine
from lensmith.manifest.training.checked import ImageFaults, with_image_faults
from lensmith.manifest.training.entry import TrainingEntry, usable_entries
from lensmith.manifest.training.split import choose_test_lines
from lensmith.manifest.training.use_case import Formats, UseCase


@dataclass(frozen=True, slots=True)
class PartLines:
    """Lines of a manifest, all of them or one part of a split."""

    lines: Sequence[CheckedLine]
    indices: Sequence[int]  # in the manifest, ascending from 0

    @classmethod
    def whole(cls, lines: Sequence[CheckedLine], faults: ImageFaults) -> PartLines:
        """Take the lines of a whole manifest, whose images are checked."""
        return cls(with_image_faults(lines, faults), range(len(lines)))

    def split(self, seed: int, scenes: Mapping[str, int]) -> tuple[PartLines, PartLines]:
        """Split a manifest into training and test lines; raises split.TooFewImages.

        `scenes` numbers the scene of each source-ref that it knows.
        """
        numbers = [
            scenes.get(line.source_ref or "", -1 - index) for index, line in enumerate(self.lines)
        ]
        chosen = choose_test_lines([line.label_names for line in self.lines], seed, numbers)
        kept = [index for index in range(len(self.lines)) if index not in chosen]
        return self._of(kept), self._of(sorted(chosen))

    def formats(self) -> Formats:
        return Formats.of(line.entry for line in self.lines if line.entry is not None)

    def label_names(self) -> set[str]:
        """Return the distinct valid labels of both formats."""
        return {name for line in self.lines for name in line.label_names}

    def usable(self, use_case: UseCase, brand: bool) -> tuple[TrainingEntry, ...]:
        return usable_entries(self.lines, self.indices, use_case, brand)

    def _of(self, indices: Sequence[int]) -> PartLines:
        return PartLines([self.lines[index] for index in indices], indices)


def label_names_of(entries: Iterable[TrainingEntry]) -> set[str]:
    """Return the distinct labels of usable entries."""
    return {name for one in entries for name in one.entry.label_names}
