"""Quantises a network to INT8: static, QDQ form, weights a channel, activations a tensor.

Scales come from the smallest and largest value on some training pictures (Krishnamoorthi, 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    CalibrationMethod,
    QDQQuantizer,
    QuantType,
)
from onnxruntime.quantization.calibrate import TensorsData  # type: ignore[import-untyped]

from lensmith.inference.image import Pixels
from lensmith.inference.quantisation import graph
from lensmith.inference.quantisation.ranges import Ranges, measure_ranges


def quantise(
    path: Path, frames: Sequence[Pixels], threads: int, *, reduced_range: bool = False
) -> bytes | None:
    """Return the INT8 file of the network at `path`; None without layers to quantise.

    `frames` are input frames uint8 [height, width, 3] of training pictures. With `reduced_range`
    weights take 7 bits, so that processors without VNNI do not saturate.
    """
    model = graph.optimised(path)
    nodes = graph.quantised_nodes(model)
    if not any(node.op_type == graph.CONV for node in model.graph.node if node.name in nodes):
        return None
    ranges = measure_ranges(model, _activations(model, nodes), frames, threads)
    quantised = _quantised(model, nodes, ranges, reduced_range=reduced_range)
    return bytes(quantised.SerializeToString())


def _activations(model: ModelProto, nodes: Sequence[str]) -> set[str]:
    """List the float tensors around these nodes that are not constants."""
    constants, kinds = graph.constants_of(model), _float_tensors(model)
    names = {
        name
        for node in model.graph.node
        if node.name in nodes
        for name in (*node.input, *node.output)
    }
    return {name for name in names - constants.keys() if name in kinds}


def _float_tensors(model: ModelProto) -> set[str]:
    known = (*model.graph.value_info, *model.graph.output)
    return {one.name for one in known if one.type.tensor_type.elem_type == 1}


def _quantised(
    model: ModelProto, nodes: Sequence[str], ranges: Ranges, *, reduced_range: bool
) -> ModelProto:
    measured = {
        name: (np.array(low, np.float32), np.array(high, np.float32))
        for name, (low, high) in ranges.items()
    }
    quantiser = QDQQuantizer(
        model,
        per_channel=True,
        reduce_range=reduced_range,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, measured),
        nodes_to_quantize=list(nodes),
        nodes_to_exclude=[],
        op_types_to_quantize=sorted({node.op_type for node in model.graph.node}),
        extra_options={},
    )
    quantiser.quantize_model()
    quantiser.model.topological_sort()
    quantised: ModelProto = quantiser.model.model
    return quantised
