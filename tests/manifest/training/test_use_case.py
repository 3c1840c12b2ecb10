"""The use case of two manifests (manifests.md 4.1, 4.3)."""

from __future__ import annotations

import pytest

from lensmith.manifest.training.use_case import Formats, UseCase, is_brand, use_case_of

IMAGES, BOXES, NONE = (
    UseCase.IMAGE_LEVEL_LABELS,
    UseCase.OBJECT_LOCALIZATION,
    UseCase.NOT_DETERMINED,
)


@pytest.mark.parametrize(
    ("training", "testing", "use_case"),
    [
        ((0, 0), (0, 0), NONE),
        ((0, 0), (5, 5), NONE),
        ((0, 9), (0, 0), BOXES),
        ((0, 9), (5, 0), BOXES),
        ((9, 0), (0, 0), IMAGES),
        ((9, 0), (5, 0), IMAGES),
        ((9, 0), (5, 5), IMAGES),
        ((9, 0), (0, 5), BOXES),
        ((9, 1), (0, 5), BOXES),
        ((1, 9), (5, 0), IMAGES),
        ((9, 8), (5, 5), IMAGES),
        ((8, 9), (5, 5), BOXES),
        ((9, 9), (0, 0), BOXES),
        ((9, 8), (0, 0), IMAGES),
    ],
)
def test_use_case(training: tuple[int, int], testing: tuple[int, int], use_case: UseCase) -> None:
    assert use_case_of(Formats(*training), Formats(*testing)) is use_case


def test_brand_needs_pictures_without_boxes_and_a_boxed_test_set() -> None:
    assert is_brand(Formats(9, 0), Formats(0, 5))
    assert not is_brand(Formats(9, 1), Formats(0, 5))
    assert not is_brand(Formats(9, 0), Formats(1, 5))
    assert not is_brand(Formats(9, 0), Formats())
