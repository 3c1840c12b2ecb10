"""INT8 files against the float32 networks that they come from, in the runtime that serves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.support.artefacts import average_colour, convolved_colour

from lensmith.inference.network import OnnxRuntimeNetwork
from lensmith.inference.quantisation.graph import fold_normalisation, fold_paddings
from lensmith.inference.quantisation.quantise import Quantiser, quantise

FRAMES = list(np.random.default_rng(1).integers(0, 256, (6, 32, 32, 3), np.uint8))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    convolved_colour(tmp_path)
    return tmp_path / "model.onnx"


def test_int8_answers_as_float32_does(network: Path) -> None:
    made = quantise(network, FRAMES, threads=1)
    assert made is not None
    answers = [
        OnnxRuntimeNetwork(file, threads=1).run(np.stack(FRAMES))["scores"]
        for file in (network, made)
    ]
    assert np.abs(answers[0] - answers[1]).max() < 0.01
    assert [path.name for path in sorted(network.parent.iterdir())] == ["model.json", "model.onnx"]


@pytest.mark.parametrize(("reduced_range", "largest"), [(False, 127), (True, 64)])
def test_the_first_and_the_last_layers_stay_in_float(
    network: Path, reduced_range: bool, largest: int
) -> None:
    quantiser = Quantiser.of(network, FRAMES, threads=1, reduced_range=reduced_range)
    assert quantiser is not None
    made = quantiser.quantised()
    assert made is not None
    model = onnx.load_from_string(made)
    onnx.checker.check_model(model)
    sources = {output: node for node in model.graph.node for output in node.output}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    in_int8 = [node.input[1] in sources for node in convolutions]
    assert in_int8 == [False] * 3 + [True] * 5 + [False]
    weights = [
        numpy_helper.to_array(one)
        for one in model.graph.initializer
        if one.data_type == TensorProto.INT8 and len(one.dims) == 4
    ]
    assert max(np.abs(each).max() for each in weights) == largest


def test_a_network_without_layers_to_quantise_has_no_int8(tmp_path: Path) -> None:
    average_colour(tmp_path / "none")
    convolved_colour(tmp_path / "few", layers=4)
    for name in ("none", "few"):
        assert quantise(tmp_path / name / "model.onnx", FRAMES, threads=1) is None


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_zero_paddings_move_into_the_convolutions(value: float) -> None:
    model = padded(value)
    before = OnnxRuntimeNetwork(model.SerializeToString(), threads=1)
    fold_paddings(model)
    onnx.checker.check_model(model)
    after = OnnxRuntimeNetwork(model.SerializeToString(), threads=1)
    planes = np.random.default_rng(0).random((1, 2, 5, 6), np.float32)
    assert np.array_equal(before.run(planes)["answer"], after.run(planes)["answer"])  # type: ignore[arg-type]
    assert ("Pad" in {node.op_type for node in model.graph.node}) == bool(value)


@pytest.mark.parametrize(
    ("mean", "divisor", "folded"), [(127, 128, True), (127, 255, False), (0.5, 2, False)]
)
def test_normalisation_is_one_step_where_that_is_exact(
    mean: float, divisor: float, folded: bool
) -> None:
    model = normalising(mean, divisor)
    before = OnnxRuntimeNetwork(model.SerializeToString(), threads=1).run(np.stack(FRAMES))
    fold_normalisation(model)
    onnx.checker.check_model(model)
    after = OnnxRuntimeNetwork(model.SerializeToString(), threads=1).run(np.stack(FRAMES))
    assert np.array_equal(before["answer"], after["answer"])
    assert ("DequantizeLinear" in {node.op_type for node in model.graph.node}) == folded


def normalising(mean: float, divisor: float) -> onnx.ModelProto:
    """As training exports it: planes of the pixels, less a mean, by a divisor."""
    nodes = [
        helper.make_node("Transpose", ["images"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["floats", "mean"], ["less"]),
        helper.make_node("Div", ["less", "divisor"], ["answer"], name="normalised"),
    ]
    constants = [
        numpy_helper.from_array(np.array(value, np.float32), name)
        for name, value in (("mean", mean), ("divisor", divisor))
    ]
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 32, 32, 3])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["n", 3, 32, 32])
    graph = helper.make_graph(nodes, "normalising", [images], [answer], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def padded(value: float) -> onnx.ModelProto:
    """A padding of one row above and two columns right, then a convolution that pads itself."""
    weights = np.random.default_rng(0).random((3, 2, 3, 3), np.float32)
    nodes = [
        helper.make_node("Pad", ["images", "sides", "value"], ["larger"]),
        helper.make_node("Conv", ["larger", "weights"], ["answer"], pads=[0, 1, 1, 0]),
    ]
    constants = [
        numpy_helper.from_array(np.array([0, 0, 1, 0, 0, 0, 0, 2], np.int64), "sides"),
        numpy_helper.from_array(np.array(value, np.float32), "value"),
        numpy_helper.from_array(weights, "weights"),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 2, 5, 6])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["n", 3, "h", "w"])
    graph = helper.make_graph(nodes, "padded", [images], [answer], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
