"""Scenes: images that must not be learnt and judged apart, as far as the labels allow."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Sequence

BLOCKS = 5  # into which a scene with every image of a label is cut, at least

Labels = Sequence[Collection[Hashable]]
"""Those of each image."""

Unit = tuple[int, ...]
"""Images that stay together."""


def numbered(scenes: Iterable[int | None]) -> list[int]:
    """Give each image that shows a scene of its own (None) a number that no other has."""
    return [-1 - image if scene is None else scene for image, scene in enumerate(scenes)]


def units_of_scenes(scenes: Sequence[int], labels: Labels, most: int) -> list[Unit]:
    """Divide images into units that stay together, in order of their first images.

    `scenes` numbers the scene of each image. A scene of more than `most` images is cut into as few
    blocks of successive images as that allows: only their ends have near copies outside. A scene
    that holds every image of a label, which otherwise could not be on both sides, is cut into
    several; a block that still does so falls into single images.
    """
    members: dict[int, list[int]] = {}
    for image, scene in enumerate(scenes):
        members.setdefault(scene, []).append(image)
    whole = [tuple(images) for images in members.values()]
    alone = _with_all_of_a_label(whole, labels)
    blocks = [
        block for unit in whole for block in _blocks(unit, most, BLOCKS if unit in alone else 1)
    ]
    alone = _with_all_of_a_label(blocks, labels)
    return sorted(
        part for block in blocks for part in (_singles(block) if block in alone else [block])
    )


def _with_all_of_a_label(units: Sequence[Unit], labels: Labels) -> set[Unit]:
    """Return the units with every image of some label."""
    homes: dict[Hashable, set[Unit]] = {}
    for unit in units:
        for image in unit:
            for name in labels[image]:
                homes.setdefault(name, set()).add(unit)
    return {unit for found in homes.values() if len(found) == 1 for unit in found}


def _blocks(unit: Unit, most: int, least: int) -> list[Unit]:
    """Cut into equal blocks of at most `most` images, at least `least` of them."""
    length = math.ceil(len(unit) / max(math.ceil(len(unit) / most), least))
    return [unit[start : start + length] for start in range(0, len(unit), length)]


def _singles(unit: Unit) -> list[Unit]:
    return [(image,) for image in unit]
