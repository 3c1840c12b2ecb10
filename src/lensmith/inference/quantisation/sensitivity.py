"""Finds the layers whose quantisation costs most, one block of depths at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lensmith.inference.image import Pixels
from lensmith.inference.network import OnnxRuntimeNetwork
from lensmith.inference.quantisation import graph
from lensmith.inference.quantisation.quantise import Quantiser

MAX_BLOCKS = 8
PICTURES = 8

_CANDIDATES = 100  # of a picture that are compared: those with the best scores
_FAINT = 1e-4

Scores = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring layers, and what quantising them alone costs."""

    depths: frozenset[int]
    error: float  # mean squared difference of the logits from float32


def measure_blocks(quantiser: Quantiser, frames: Sequence[Pixels], threads: int) -> list[Block]:
    """Quantise one block of depths at a time, and compare the candidates that score best.

    `frames` are pictures that the ranges were measured on.
    """
    frames = frames[:PICTURES]
    depths = graph.quantised_depths(quantiser.model)
    parts = [frozenset(one.tolist()) for one in np.array_split(depths, MAX_BLOCKS) if len(one)]
    expected = _logits(quantiser.model.SerializeToString(), frames, threads)
    return [
        Block(part, _error(quantiser, set(depths) - part, frames, expected, threads))
        for part in parts
    ]


def sensitive_depths(blocks: Sequence[Block], share: float) -> set[int]:
    """Return the depths of the worst blocks: the others have at most a `share` of all errors.

    Errors of blocks add up nearly, so that nothing needs to be tried in combination.
    """
    total = sum(block.error for block in blocks)
    kept, rest = set[int](), total
    for block in sorted(blocks, key=lambda one: -one.error):
        if rest <= share * total:
            break
        kept |= block.depths
        rest -= block.error
    return kept


def _error(
    quantiser: Quantiser,
    in_float: set[int],
    frames: Sequence[Pixels],
    expected: Sequence[Scores],
    threads: int,
) -> float:
    made = quantiser.quantised(in_float | set(graph.ONLY_FIRST))
    assert made is not None  # every block has a convolution
    differences = [
        _strongest(ours, theirs)
        for ours, theirs in zip(expected, _logits(made, frames, threads), strict=True)
    ]
    return float(np.mean(np.square(np.concatenate(differences))))


def _strongest(ours: Scores, theirs: Scores) -> Scores:
    """Return the differences of the candidates with the best score of any label."""
    best = np.argsort(-ours.max(axis=1))[:_CANDIDATES]
    return (ours[best] - theirs[best]).ravel()


def _logits(network: bytes, frames: Iterable[Pixels], threads: int) -> list[Scores]:
    """Compute the logits of each frame, [candidates, labels]; of a classifier one candidate."""
    running = OnnxRuntimeNetwork(network, threads)
    logits = []
    for frame in frames:
        scores = running.run(frame[None])["scores"]
        bounded = scores.reshape(-1, scores.shape[-1]).clip(_FAINT, 1 - _FAINT)
        logits.append(np.log(bounded / (1 - bounded)))
    return logits
