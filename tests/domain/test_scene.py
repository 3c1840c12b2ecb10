"""Units of images that stay together."""

from __future__ import annotations

from lensmith.domain.scene import units_of_scenes


def test_a_scene_is_one_unit() -> None:
    labels = [["a"], ["b"], ["a"], ["a"], ["b"]]
    assert units_of_scenes([7, 8, 7, 9, 10], labels, most=2) == [(0, 2), (1,), (3,), (4,)]


def test_a_large_scene_is_cut_into_blocks() -> None:
    labels = [["a"], ["b"], ["a"], ["a"], ["b"], ["a"]]
    units = units_of_scenes([7, 8, 7, 7, 10, 11], labels, most=2)
    assert units == [(0, 2), (1,), (3,), (4,), (5,)]
    films = units_of_scenes([1] * 30 + [2] * 30, [["a", "b"]] * 60, most=20)
    assert films == [tuple(range(start, start + 15)) for start in range(0, 60, 15)]


def test_a_scene_with_every_image_of_a_label_is_cut() -> None:
    labels = [["a", "b"], ["b"], ["a"], ["c"], ["c"]]
    assert units_of_scenes([1, 2, 1, 3, 3], labels, most=9) == [(0,), (1,), (2,), (3,), (4,)]
    assert units_of_scenes([1, 2, 1, 4, 3], [*labels[:4], ["a", "c"]], most=9)[0] == (0, 2)


def test_a_block_with_every_image_of_a_label_falls_into_single_images() -> None:
    labels = [["a", "b"], ["a", "b"], *[["a"]] * 8]
    units = units_of_scenes([1] * 10, labels, most=9)
    assert units == [(0,), (1,), (2, 3), (4, 5), (6, 7), (8, 9)]
