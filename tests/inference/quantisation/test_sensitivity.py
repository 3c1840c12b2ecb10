"""The layers that 8 bits cannot hold stay in float32, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.support.artefacts import convolved_colour

from lensmith.inference.network import OnnxRuntimeNetwork
from lensmith.inference.quantisation.graph import ONLY_FIRST, quantised_depths
from lensmith.inference.quantisation.quantise import Quantiser
from lensmith.inference.quantisation.sensitivity import Block, measure_blocks, sensitive_depths

FRAMES = list(np.random.default_rng(1).integers(0, 256, (6, 32, 32, 3), np.uint8))


def test_the_layers_that_cost_most_are_found_and_kept(tmp_path: Path) -> None:
    convolved_colour(tmp_path, layers=12, louder=7)
    network = tmp_path / "model.onnx"
    quantiser = Quantiser.of(network, FRAMES, threads=1)
    assert quantiser is not None
    blocks = measure_blocks(quantiser, FRAMES, threads=1)
    kept = sensitive_depths(blocks, 0.25)
    assert kept == {7, 8}
    in_float = kept | set(ONLY_FIRST)
    assert quantised_depths(quantiser.model, in_float) == [4, 5, 6, 9, 10, 11]
    expected = OnnxRuntimeNetwork(network, threads=1).run(np.stack(FRAMES))["scores"]
    errors = []
    for made in (quantiser.quantised(), quantiser.quantised(in_float)):
        assert made is not None
        answers = OnnxRuntimeNetwork(made, threads=1).run(np.stack(FRAMES))["scores"]
        errors.append(np.abs(answers - expected).max())
    assert errors[0] > 0.1
    assert errors[1] < 0.01


def test_the_smaller_the_share_the_more_is_kept() -> None:
    blocks = [Block(frozenset({n}), error) for n, error in enumerate((1.0, 4.0, 2.0, 3.0))]
    kept = [sensitive_depths(blocks, share) for share in (1.0, 0.6, 0.5, 0.25, 0.0)]
    assert kept == [set(), {1}, {1, 3}, {1, 2, 3}, {0, 1, 2, 3}]


def test_a_network_with_nothing_left_to_quantise_has_no_int8(tmp_path: Path) -> None:
    convolved_colour(tmp_path)
    quantiser = Quantiser.of(tmp_path / "model.onnx", FRAMES, threads=1)
    assert quantiser is not None
    assert quantiser.quantised(range(10)) is None
