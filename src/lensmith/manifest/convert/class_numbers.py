"""Assigns one class number a label for a whole dataset, where each line has its own numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from lensmith.manifest.convert.annotated_image import AnnotatedImage


@dataclass(slots=True)
class ClassNumbers:
    """The labels of boxes, and for each the number that its first box had if that was free."""

    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, image: AnnotatedImage) -> None:
        for box in image.boxes:
            if box.label not in self.numbers:
                self.numbers[box.label] = self._free(box.class_id)

    def in_order(self) -> list[str]:
        """Return the labels in the order of their numbers."""
        return sorted(self.numbers, key=self.numbers.__getitem__)

    def _free(self, wanted: int) -> int:
        taken = set(self.numbers.values())
        if wanted not in taken:
            return wanted
        return next(number for number in count(max(taken) + 1))
