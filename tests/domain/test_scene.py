"""Units of images that stay together."""

from __future__ import annotations

from lensmith.domain.scene import units_of_scenes


def test_a_scene_is_one_unit() -> None:
    labels = [["a"], ["b"], ["a"], ["a"], ["b"]]
    assert units_of_scenes([7, 8, 7, 9, 10], labels, most=2) == [(0, 2), (1,), (3,), (4,)]


def test_a_large_scene_falls_apart() -> None:
    labels = [["a"], ["b"], ["a"], ["a"], ["b"], ["a"]]
    assert units_of_scenes([7, 8, 7, 7, 10, 11], labels, most=2) == [(n,) for n in range(6)]


def test_a_scene_with_every_image_of_a_label_falls_apart() -> None:
    labels = [["a", "b"], ["b"], ["a"], ["c"], ["c"]]
    assert units_of_scenes([1, 2, 1, 3, 3], labels, most=9) == [(0,), (1,), (2,), (3,), (4,)]
    assert units_of_scenes([1, 2, 1, 4, 3], [*labels[:4], ["a", "c"]], most=9)[0] == (0, 2)
