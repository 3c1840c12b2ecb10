"""Scenes: images that must not be learnt and judged apart, as far as the labels allow."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence


def units_of_scenes(
    scenes: Sequence[int], labels: Sequence[Collection[Hashable]], most: int
) -> list[tuple[int, ...]]:
    """Divide images into units that stay together, in order of their first images.

    `scenes` numbers the scene of each image. A scene of more than `most` images falls into single
    images, and so does one that holds every image of a label, which otherwise could not be on
    both sides.
    """
    members: dict[int, list[int]] = {}
    for image, scene in enumerate(scenes):
        members.setdefault(scene, []).append(image)
    loose = {scene for scene, images in members.items() if len(images) > most}
    loose |= _scenes_with_all(scenes, labels)
    units = [
        unit for scene, images in members.items() for unit in _units(images, scene not in loose)
    ]
    return sorted(units)


def _scenes_with_all(scenes: Sequence[int], labels: Sequence[Collection[Hashable]]) -> set[int]:
    """Return the scenes with every image of some label."""
    homes: dict[Hashable, set[int]] = {}
    for scene, names in zip(scenes, labels, strict=True):
        for name in names:
            homes.setdefault(name, set()).add(scene)
    return {scene for found in homes.values() if len(found) == 1 for scene in found}


def _units(images: Sequence[int], whole: bool) -> Iterable[tuple[int, ...]]:
    return [tuple(images)] if whole else [(image,) for image in images]
