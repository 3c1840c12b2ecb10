"""Quantises a network to INT8: static, QDQ form, weights a channel, activations a tensor.

Scales come from the smallest and largest value on some training pictures (Krishnamoorthi, 2018).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Quantiser:
    """A network that is prepared for quantisation, with the ranges of its tensors."""

    model: ModelProto  # in float32
    ranges: Ranges
    reduced_range: bool  # weights take 7 bits, so that processors without VNNI do not saturate

    @classmethod
    def of(
        cls, path: Path, frames: Sequence[Pixels], threads: int, *, reduced_range: bool = False
    ) -> Quantiser | None:
        """Prepare the network at `path`; None without layers to quantise.

        `frames` are input frames uint8 [height, width, 3] of training pictures.
        """
        model = graph.optimised(path)
        if not graph.quantised_depths(model):
            return None
        ranges = measure_ranges(model, _activations(model), frames, threads)
        return cls(model, ranges, reduced_range)

    def quantised(self, in_float: Collection[int] = graph.ONLY_FIRST) -> bytes | None:
        """Return the INT8 file; layers at the depths `in_float` stay in float32.

        None if no convolution is left.
        """
        if not graph.quantised_depths(self.model, in_float):
            return None
        nodes = graph.quantised_nodes(self.model, in_float)
        made = _quantised(self.model, nodes, self.ranges, reduced_range=self.reduced_range)
        return bytes(made.SerializeToString())


def quantise(path: Path, frames: Sequence[Pixels], threads: int) -> bytes | None:
    """Return the INT8 file of the network at `path`, as `Quantiser` does."""
    quantiser = Quantiser.of(path, frames, threads)
    return None if quantiser is None else quantiser.quantised()


def _activations(model: ModelProto) -> set[str]:
    """List the float tensors around the nodes that INT8 can take and that are not constants."""
    constants, kinds = graph.constants_of(model), _float_tensors(model)
    nodes = set(graph.quantised_nodes(model))
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
    own = ModelProto()
    own.CopyFrom(model)  # the quantiser changes what it is given
    measured = {
        name: (np.array(low, np.float32), np.array(high, np.float32))
        for name, (low, high) in ranges.items()
    }
    quantiser = QDQQuantizer(
        own,
        per_channel=True,
        reduce_range=reduced_range,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=TensorsData(CalibrationMethod.MinMax, measured),
        nodes_to_quantize=list(nodes),
        nodes_to_exclude=[],
        op_types_to_quantize=sorted({node.op_type for node in own.graph.node}),
        extra_options={},
    )
    quantiser.quantize_model()
    quantiser.model.topological_sort()
    quantised: ModelProto = quantiser.model.model
    graph.fold_normalisation(quantised)
    return quantised
