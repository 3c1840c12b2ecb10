"""OpenVINO against ONNX Runtime on the same file: the oracle of its answers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tests.support.artefacts import average_colour, convolved_colour

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.network import OnnxRuntimeNetwork
from lensmith.inference.openvino_network import OpenVinoNetwork
from lensmith.inference.processor import processor_features

pytest.importorskip("openvino")

FRAMES = np.random.default_rng(1).integers(0, 256, (8, 32, 32, 3), np.uint8)


@pytest.mark.parametrize(
    ("precision", "tolerance"), [(Precision.FLOAT32, 1e-6), (Precision.BFLOAT16, 0.02)]
)
def test_it_answers_as_onnx_runtime_does(
    precision: Precision, tolerance: float, tmp_path: Path
) -> None:
    if precision is Precision.BFLOAT16 and ProcessorFeature.BFLOAT16 not in processor_features():
        pytest.skip("no bfloat16")
    convolved_colour(tmp_path)
    file = (tmp_path / "model.onnx").read_bytes()
    expected = OnnxRuntimeNetwork(file, threads=1).run(FRAMES)["scores"]
    network = OpenVinoNetwork(file, 2, precision)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda frame: network.run(frame[None])["scores"][0], FRAMES))
    assert np.abs(np.array(answers) - expected).max() <= tolerance


def test_outputs_have_the_names_that_the_model_gives_them(tmp_path: Path) -> None:
    average_colour(tmp_path)  # whose scores go by another name, too
    file = (tmp_path / "model.onnx").read_bytes()
    expected = OnnxRuntimeNetwork(file, threads=1).run(FRAMES)["scores"]
    answers = OpenVinoNetwork(file, 1, Precision.FLOAT32).run(FRAMES)
    assert list(answers) == ["scores"]
    assert np.abs(answers["scores"] - expected).max() <= 1e-6


def test_a_file_that_is_no_network_is_refused() -> None:
    with pytest.raises(ArtefactError, match="OpenVINO cannot load"):
        OpenVinoNetwork(b"no network", 1, Precision.FLOAT32)
