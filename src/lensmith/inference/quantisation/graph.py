"""Prepares an ONNX graph for quantisation, and tells which of its nodes are to be in INT8."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, numpy_helper

CONV = "Conv"
IMAGES = "images"
FIRST_IN_FLOAT = 3
"""Convolutions from the pixels on that stay in float32."""

ONLY_FIRST = range(FIRST_IN_FLOAT + 1)
"""Depths of the layers that stay in float32 in every network."""

_WEIGHTED = frozenset({CONV, "Gemm", "MatMul"})
_ACTIVATIONS = frozenset({"Clip", "Relu"})
_BETWEEN = _ACTIVATIONS | {"Add", "AveragePool", "Concat", "MaxPool", "Resize"}


def optimised(path: Path) -> ModelProto:
    """Read a network with its constants folded and its paddings in the convolutions.

    The runtime writes its graph beside the file, where plaintext of a sealed model may be, and
    nowhere else.
    """
    scratch = path.with_suffix(".onnx.optimised")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(scratch)
    options.log_severity_level = 3
    try:
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        model = onnx.load(scratch)
    finally:
        scratch.unlink(missing_ok=True)
    fold_paddings(model)
    for number, node in enumerate(model.graph.node):
        node.name = f"{number}"  # the quantiser chooses nodes by name, and not all have one
    return onnx.shape_inference.infer_shapes(model)


def fold_paddings(model: ModelProto) -> None:
    """Move zero paddings of height and width into the convolutions that alone read them."""
    constants = constants_of(model)
    readers = _readers(model)
    kept = []
    for node in model.graph.node:
        sides = _zero_padding(node, constants) if node.op_type == "Pad" else None
        convolutions = readers[node.output[0]]
        if sides is None or not all(_takes_padding(one, node.output[0]) for one in convolutions):
            kept.append(node)
            continue
        for convolution in convolutions:
            _pad(convolution, sides)
            convolution.input[0] = node.input[0]
    del model.graph.node[:]
    model.graph.node.extend(kept)


def fold_normalisation(model: ModelProto) -> None:
    """Turn the pixels' conversion to float, subtraction and division into one DequantizeLinear.

    Done where both numbers are exact in that form, so that the result is the same to the last bit.
    """
    constants, readers = constants_of(model), _readers(model)
    sources = {output: node for node in model.graph.node for output in node.output}
    for last in list(model.graph.node):
        chain = _leading_chain(sources, last, ("Div", "Sub", "Cast", "Transpose"))
        if chain is None or chain[-1].input[0] != IMAGES:
            continue
        division, subtraction, cast, pixels = chain
        mean, divisor = (_number(constants.get(one.input[1])) for one in (subtraction, division))
        is_exact = mean in range(256) and abs(math.frexp(divisor)[0]) == 0.5  # a power of two
        if not is_exact or any(len(readers[one.output[0]]) > 1 for one in (subtraction, cast)):
            continue
        scale = numpy_helper.from_array(np.array(1 / divisor, np.float32), f"{last.name}_scale")
        zero = numpy_helper.from_array(np.array(mean, np.uint8), f"{last.name}_zero")
        model.graph.initializer.extend([scale, zero])
        inputs = [pixels.output[0], scale.name, zero.name]
        folded = onnx.helper.make_node("DequantizeLinear", inputs, list(division.output))
        division.CopyFrom(folded)
        model.graph.node.remove(subtraction)
        model.graph.node.remove(cast)
        return


def quantised_nodes(model: ModelProto, in_float: Collection[int] = ONLY_FIRST) -> list[str]:
    """List the convolutions but the first and the last, and what lies between two of them.

    Those stay in float32: what is lost at full resolution is lost for all that follows, and scores
    and boxes are made by the last. So does attention, whose positions 8 bits do not hold.
    `in_float` are the depths that stay in float32: convolutions on the way from the pixels.
    """
    before_weights, before_convolutions = _leading_to(model, _WEIGHTED), _leading_to(model, {CONV})
    depths, in_int8 = _depths(model), set[str]()
    chosen = []
    for node in model.graph.node:
        output = node.output[0]
        if depths[output] in in_float:
            continue
        if (
            (node.op_type == CONV and output in before_weights)
            or (node.op_type in _BETWEEN and output in before_convolutions)
            or (node.op_type in _ACTIVATIONS and node.input[0] in in_int8)
        ):
            chosen.append(node.name)
            in_int8.add(output)
    return chosen


def quantised_depths(model: ModelProto, in_float: Collection[int] = ONLY_FIRST) -> list[int]:
    """List the depths of the convolutions in INT8, lowest first; a depth may have several."""
    chosen, depths = set(quantised_nodes(model, in_float)), _depths(model)
    return sorted(
        {
            depths[node.output[0]]
            for node in model.graph.node
            if node.op_type == CONV and node.name in chosen
        }
    )


def _leading_to(model: ModelProto, operators: Collection[str]) -> set[str]:
    """List the tensors from which nodes of these kinds are computed."""
    leading: set[str] = set()
    for node in reversed(model.graph.node):  # ONNX orders nodes after their inputs
        if node.op_type in operators or leading.intersection(node.output):
            leading.update(node.input)
    return leading


def _depths(model: ModelProto) -> dict[str, int]:
    """Count the convolutions on the longest way from the pixels to each tensor."""
    depths: dict[str, int] = defaultdict(int)
    for node in model.graph.node:
        before = max((depths[name] for name in node.input), default=0)
        for output in node.output:
            depths[output] = before + (node.op_type == CONV)
    return depths


def constants_of(model: ModelProto) -> dict[str, NDArray[np.generic]]:
    return {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}


def _readers(model: ModelProto) -> dict[str, list[NodeProto]]:
    readers: dict[str, list[NodeProto]] = defaultdict(list)
    for node in model.graph.node:
        for name in node.input:
            readers[name].append(node)
    for output in model.graph.output:
        readers[output.name].append(NodeProto())  # which takes no padding
    return readers


def _zero_padding(
    node: NodeProto, constants: dict[str, NDArray[np.generic]]
) -> tuple[list[int], list[int]] | None:
    """Return what a Pad node adds before and after height and width; None for other paddings."""
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    given = [*node.input, "", "", ""]
    pads, value = constants.get(given[1]), constants.get(given[2])
    if attributes.get("mode", b"constant") != b"constant" or pads is None or given[3]:
        return None
    if (given[2] and value is None) or (value is not None and value.any()):
        return None
    begins, ends = np.split(pads.astype(int), 2)
    if len(begins) != 4 or begins[:2].any() or ends[:2].any() or pads.min() < 0:
        return None
    return begins[2:].tolist(), ends[2:].tolist()


def _leading_chain(
    sources: dict[str, NodeProto], last: NodeProto, kinds: Sequence[str]
) -> list[NodeProto] | None:
    """Return the nodes of these kinds of which each is the first input of the one before."""
    chain = [last]
    for kind in kinds[:-1]:
        source = sources.get(chain[-1].input[0]) if chain[-1].op_type == kind else None
        if source is None:
            return None
        chain.append(source)
    return chain if chain[-1].op_type == kinds[-1] else None


def _number(value: NDArray[np.generic] | None) -> float:
    return float(value.item()) if value is not None and value.size == 1 else math.nan


def _takes_padding(node: NodeProto, name: str) -> bool:
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    is_read_once = list(node.input).count(name) == 1 and bool(node.input) and node.input[0] == name
    return (
        node.op_type == "Conv"
        and is_read_once
        and attributes.get("auto_pad", b"NOTSET") == b"NOTSET"
    )


def _pad(convolution: NodeProto, sides: tuple[list[int], list[int]]) -> None:
    own = next((list(one.ints) for one in convolution.attribute if one.name == "pads"), [0] * 4)
    added = [before + more for before, more in zip(own, [*sides[0], *sides[1]], strict=True)]
    _set_attribute(convolution, "pads", added)


def _set_attribute(node: NodeProto, name: str, value: Iterable[int]) -> None:
    kept = [one for one in node.attribute if one.name != name]
    del node.attribute[:]
    node.attribute.extend([*kept, onnx.helper.make_attribute(name, list(value))])
