"""Groups images that show one scene: copies, frames of a film, a burst of a camera.

Evidence that two belong together: nearly the same perceptual hash, turned or mirrored too; the
same origin in the file name (exports with augmented copies write it); detail that matches by
normalised cross-correlation, whatever the shift (Lewis, 1995). Neighbours in a numbered sequence
of files, or within seconds of a camera's clock, need to match less. Frames of one scene learnt
and judged apart make every judgement too good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lensmith.health.near_pairs import near_pairs
from lensmith.health.scene_look import SIDE, SceneLook

MATCH = 0.80  # of images that nothing else links; decision 0023 has the measurements
NEIGHBOUR_MATCH = 0.65  # of neighbours in a sequence of names or in time
MAX_COMPARED = 20_000  # images; of more, no looks need be taken: names alone group them

_REACH = SIDE // 4  # pixels of shift
_FFT_SIDE = 64  # at least SIDE + _REACH
_CANDIDATES = 24  # the likeliest partners of each image
_BURST_SECONDS = 3.0
_BLOCK = 512  # images or pairs at once
_ORIGIN = re.compile(r"^(?P<origin>.+?)(\.|_jpg|_jpeg|_png)*\.rf\.[0-9a-f]{16,}\.\w+$", re.I)
_NUMBERED = re.compile(r"^(?P<before>.*?)(?P<number>\d{1,15})(?P<after>\D*)$")

Pairs = NDArray[np.int64]
"""[pairs, 2], positions of images."""

Groups = NDArray[np.int64]
"""[images], the group of each; those of one scene share a number."""


def group_scenes(names: Sequence[str], looks: Sequence[SceneLook | None]) -> Groups:
    """Group images by scene; `names` are paths or URIs. One without a look is alone."""
    seen = np.flatnonzero([look is not None for look in looks])
    known = [look for look in looks if look is not None]
    joined = _UnionFind(len(names))
    joined.join_all(_of_one_origin(names))
    if len(known) > 1:
        for pairs in _linked([names[index] for index in seen.tolist()], known):
            joined.join_all(seen[pairs])
    return joined.groups()


def _linked(names: Sequence[str], looks: Sequence[SceneLook]) -> Iterator[Pairs]:
    yield from _copies(looks)
    details = np.stack([look.detail for look in looks])
    neighbours = np.concatenate([_in_sequence(names), _in_time(looks)])
    yield from _matching(details, neighbours, NEIGHBOUR_MATCH)
    yield from _matching(details, _candidates(details, looks), MATCH)


def _of_one_origin(names: Sequence[str]) -> Pairs:
    first: dict[str, int] = {}
    found = []
    for index, name in enumerate(names):
        origin = _ORIGIN.match(name.rsplit("/", 1)[-1])
        if origin is not None:
            found.append((first.setdefault(origin["origin"].lower(), index), index))
    return _as_pairs([pair for pair in found if pair[0] != pair[1]])


def _copies(looks: Sequence[SceneLook]) -> Iterator[Pairs]:
    plain = np.flatnonzero([not look.fingerprint.is_blank for look in looks])
    if len(plain) < 2:
        return
    prints = [looks[index].fingerprint for index in plain.tolist()]
    hashes = np.stack([one.hashes for one in prints])
    brightness = np.array([one.brightness for one in prints])
    for pairs in near_pairs(hashes, brightness, lambda _: None):
        yield plain[np.stack([pairs.one, pairs.other], axis=1)]


def _in_sequence(names: Sequence[str]) -> Pairs:
    """Pair each file with the next two of its numbered sequence."""
    numbered: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, name in enumerate(names):
        stem = name.rsplit(".", 1)[0]
        parts = _NUMBERED.match(stem)
        if parts is not None:
            key = (parts["before"], parts["after"])
            numbered.setdefault(key, []).append((int(parts["number"]), index))
    orders = [[index for _, index in sorted(members)] for members in numbered.values()]
    return _as_pairs([pair for order in orders for pair in _next_two(order)])


def _in_time(looks: Sequence[SceneLook]) -> Pairs:
    """Pair each picture with the next two that a camera took within seconds."""
    taken = [(look.taken_at, index) for index, look in enumerate(looks)]
    ordered = sorted((at, index) for at, index in taken if at is not None)
    times = dict(zip([index for _, index in ordered], [at for at, _ in ordered], strict=True))
    pairs = _next_two([index for _, index in ordered])
    return _as_pairs([(a, b) for a, b in pairs if times[b] - times[a] <= _BURST_SECONDS])


def _next_two(order: Sequence[int]) -> list[tuple[int, int]]:
    return [*pairwise(order), *zip(order, order[2:], strict=False)]


def _as_pairs(pairs: Sequence[tuple[int, int]]) -> Pairs:
    return np.array(pairs, np.int64).reshape(-1, 2)


def _candidates(details: NDArray[np.float32], looks: Sequence[SceneLook]) -> Pairs:
    """Pair each image with those of likest colours and spectrum, which shifts leave as they are."""
    colours = np.stack([look.colours for look in looks])
    spectra = np.concatenate([_spectra(part) for part in _blocks(details)])
    traits = np.concatenate([colours, spectra], axis=1)
    count = min(_CANDIDATES, len(traits) - 1)
    found = []
    for start in range(0, len(traits), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(traits)))
        likeness = traits[rows] @ traits.T
        likeness[np.arange(len(rows)), rows] = -np.inf
        likest = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        found.append(np.stack([np.repeat(rows, count), likest.ravel()], axis=1))
    return np.unique(np.sort(np.concatenate(found), axis=1), axis=0)


def _spectra(details: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coarse amplitude spectrum of each, [images, 144], of norm 1."""
    from scipy import fft  # not before manifests are checked, see scene_look.py

    amplitudes = np.abs(fft.rfft2(details, s=(_FFT_SIDE, _FFT_SIDE)))
    low = np.concatenate([amplitudes[:, :12, :12], amplitudes[:, -12:, :12]], axis=1)
    coarse = low.reshape(len(low), 12, 2, 6, 2).mean((2, 4)).reshape(len(low), -1)
    coarse -= coarse.mean(1, keepdims=True)
    norms = np.maximum(np.linalg.norm(coarse, axis=1, keepdims=True), 1e-6)
    spectra: NDArray[np.float32] = (coarse / norms).astype(np.float32)
    return spectra


def _matching(details: NDArray[np.float32], pairs: Pairs, least: float) -> Iterator[Pairs]:
    for start in range(0, len(pairs), _BLOCK):
        part = pairs[start : start + _BLOCK]
        yield part[_correlation(details[part[:, 0]], details[part[:, 1]]) >= least]


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Highest correlation of each pair over shifts of a quarter of the side."""
    from scipy import fft

    size = (_FFT_SIDE, _FFT_SIDE)
    spectrum = fft.rfft2(one, s=size) * np.conj(fft.rfft2(other, s=size))
    by_shift = np.roll(fft.irfft2(spectrum, s=size), (_REACH, _REACH), (1, 2))
    highest: NDArray[np.float32] = by_shift[:, : 2 * _REACH + 1, : 2 * _REACH + 1].max((1, 2))
    return highest


def _blocks(details: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(details), _BLOCK):
        yield details[start : start + _BLOCK]


class _UnionFind:
    """Disjoint sets (Galler and Fischer, 1964)."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def join_all(self, pairs: Pairs) -> None:
        for one, other in pairs.tolist():
            self._parent[self._root(one)] = self._root(other)

    def groups(self) -> Groups:
        roots = [self._root(index) for index in range(len(self._parent))]
        _, numbers = np.unique(np.array(roots, np.int64), return_inverse=True)
        return numbers.astype(np.int64)

    def _root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index
