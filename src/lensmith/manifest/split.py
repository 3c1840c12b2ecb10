"""Which labelled lines become the test part (manifests.md 4.4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lensmith.domain.errors import LensmithError


class TooFewImages(LensmithError):  # noqa: N818
    """The labelled images do not suffice for a split."""


def choose_test_lines(labels: Sequence[Collection[str]], seed: int) -> frozenset[int]:
    """The indices of the lines to move: 20 %, at least one, stratified by label.

    `labels` holds the labels of each line, none for a line that is not valid and labelled: those
    are never chosen. Every label keeps a line. The same input and seed give the same choice.
    Raises TooFewImages.
    """
    raise NotImplementedError


def choose_entries_to_distribute(labels: Sequence[Collection[str]], seed: int) -> frozenset[int]:
    """As `choose_test_lines`, and of the lines without labels 20 % at random."""
    raise NotImplementedError
