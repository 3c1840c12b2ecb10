"""Measures the ranges of a network's tensors on pictures (min-max calibration)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from onnx import ModelProto, TensorProto, helper, numpy_helper

from lensmith.inference.image import Pixels

Ranges = dict[str, tuple[float, float]]
"""Name of a tensor -> its lowest and highest value."""

_ALL = "lensmith_whole_tensor"


def measure_ranges(
    model: ModelProto, tensors: Collection[str], frames: Iterable[Pixels], threads: int
) -> Ranges:
    """Run a network on frames uint8 [height, width, 3], and return the range of each tensor.

    The runtime optimises the graph as for serving; nothing is written to disk.
    """
    names = sorted(tensors)
    session = _session(model, names, threads)
    lowest, highest = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    for frame in frames:
        answers = np.array(session.run(None, {"images": frame[None]}))
        lowest, highest = np.minimum(lowest, answers[0::2]), np.maximum(highest, answers[1::2])
    pairs = zip(lowest.tolist(), highest.tolist(), strict=True)
    return dict(zip(names, pairs, strict=True))


def _session(model: ModelProto, names: list[str], threads: int) -> onnxruntime.InferenceSession:
    observed = ModelProto()
    observed.CopyFrom(model)
    graph = observed.graph
    del graph.output[:]
    graph.initializer.append(numpy_helper.from_array(np.array([-1], np.int64), _ALL))
    for number, name in enumerate(names):
        flat = f"{_ALL}_{number}"
        graph.node.append(helper.make_node("Reshape", [name, _ALL], [flat]))
        for operator in ("ReduceMin", "ReduceMax"):
            answer = f"{operator}_{number}"
            graph.node.append(helper.make_node(operator, [flat], [answer], keepdims=0))
            graph.output.append(helper.make_tensor_value_info(answer, TensorProto.FLOAT, []))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        observed.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
