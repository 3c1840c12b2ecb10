"""Tiny artefacts that need no training: small ONNX graphs whose answers are known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.artefact import NETWORK_FILE, Artefact, Preprocessing, Resize, Task
from lensmith.inference.image import Pixels
from lensmith.inference.quantisation.quantise import quantise
from lensmith.inference.variant import INT8_FILE, ONNX_RUNTIME, Accuracy, Variant

COLOURS = ("red", "green", "blue")


def average_colour(directory: Path, side: int = 32, burden: int = 0) -> Artefact:
    """A classifier whose scores are the mean red, green and blue of the picture, 0..1.

    `burden` is the side of a square matrix that is multiplied a few times for every picture, to
    make the network as slow as wanted.
    """
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels", "sides"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "white"], ["colours"]),
        *_burden(burden),
    ]
    constants = [
        numpy_helper.from_array(np.array([1, 2], np.int64), "sides"),
        numpy_helper.from_array(np.array(255, np.float32), "white"),
        numpy_helper.from_array(np.zeros((burden, burden), np.float32), "zeros"),
    ]
    _save(directory, nodes, constants, side, {"scores": ["n", len(COLOURS)]})
    artefact = Artefact(Task.CLASSIFICATION, COLOURS, (0.5, 0.6, 0.7), (side, side))
    artefact.write(directory)
    return artefact


def convolved_colour(
    directory: Path, side: int = 32, layers: int = 9, louder: int | None = None
) -> Artefact:
    """A classifier like `average_colour` that has convolutions, each of which changes nothing.

    Between the layer `louder` and the next, blue is 3,000 times as strong: 8 bits for a tensor then
    leave nothing of red and green.
    """
    gains = {louder: (1, 1, 3000), (louder or 0) + 1: (1, 1, 1 / 3000)} if louder else {}
    weights = [
        np.diag(gains.get(number, (1, 1, 1))).astype(np.float32)[:, :, None, None]
        for number in range(1, layers + 1)
    ]
    names = ["share", *(f"layer-{number}" for number in range(1, layers + 1))]
    nodes = [
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Div", ["planes", "white"], ["share"]),
        *(
            helper.make_node("Conv", [before, f"weights of {after}"], [after])
            for before, after in pairwise(names)
        ),
        helper.make_node("ReduceMean", [names[-1], "sides"], ["scores"], keepdims=0),
    ]
    constants = [
        *(
            numpy_helper.from_array(own, f"weights of {after}")
            for own, after in zip(weights, names[1:], strict=True)
        ),
        numpy_helper.from_array(np.array([2, 3], np.int64), "sides"),
        numpy_helper.from_array(np.array(255, np.float32), "white"),
    ]
    _save(directory, nodes, constants, side, {"scores": ["n", len(COLOURS)]})
    artefact = Artefact(Task.CLASSIFICATION, COLOURS, (0.5, 0.6, 0.7), (side, side))
    artefact.write(directory)
    return artefact


def with_int8(
    directory: Path,
    thresholds: tuple[float, ...],
    loss: float = 0.0,
    frames: Sequence[Pixels] = (),
    needs: tuple[ProcessorFeature, ...] = (),
) -> Artefact:
    """Add the INT8 variant to an artefact, with thresholds of its own and a loss of F1.

    It is calibrated on `frames`, on noise without any, and said to be twice as fast.
    """
    artefact = Artefact.read(directory)
    width, height = artefact.input_size
    noise = np.random.default_rng(0).integers(0, 256, (4, height, width, 3), np.uint8)
    made = quantise(directory / NETWORK_FILE, frames or list(noise), threads=1)
    assert made is not None
    (directory / INT8_FILE).write_bytes(made)
    variants = tuple(
        Variant(
            precision,
            ONNX_RUNTIME,
            file,
            hashlib.sha256((directory / file).read_bytes()).hexdigest(),
            own,
            Accuracy(0.9 - cost, 0.9, 0.9 - cost, 0.05),
            seconds,
            needed,
        )
        for precision, file, own, cost, seconds, needed in (
            (Precision.FLOAT32, NETWORK_FILE, artefact.thresholds, 0.0, 0.2, ()),
            (Precision.INT8, INT8_FILE, thresholds, loss, 0.1, needs),
        )
    )
    artefact = replace(artefact, variants=variants)
    artefact.write(directory)
    return artefact


def with_refused_int8(directory: Path) -> None:
    """Describe an INT8 file as evaluated that ONNX Runtime does not load."""
    content = b"no network"
    (directory / INT8_FILE).write_bytes(content)
    artefact = Artefact.read(directory)
    float32, int8 = artefact.variants
    int8 = replace(int8, digest=hashlib.sha256(content).hexdigest())
    replace(artefact, variants=(float32, int8)).write(directory)


def fixed_boxes(
    directory: Path,
    boxes: Sequence[Sequence[float]],
    scores: Sequence[Sequence[float]],
    labels: tuple[str, ...],
    resize: Resize = Resize.STRETCH,
) -> Artefact:
    """A detector that answers every picture with the same boxes and scores."""
    constants = [
        numpy_helper.from_array(np.array([boxes], np.float32), "fixed_boxes"),
        numpy_helper.from_array(np.array([scores], np.float32), "fixed_scores"),
        numpy_helper.from_array(np.array(0, np.float32), "nought"),
    ]
    nodes = [
        helper.make_node("Identity", ["fixed_boxes"], ["boxes"]),
        # From the picture, so that no runtime leaves its input out.
        helper.make_node("Cast", ["images"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMin", ["pixels"], ["darkest"], keepdims=0),
        helper.make_node("Mul", ["darkest", "nought"], ["nothing"]),
        helper.make_node("Add", ["fixed_scores", "nothing"], ["scores"]),
    ]
    outputs: dict[str, list[str | int]] = {
        "boxes": ["n", len(boxes), 4],
        "scores": ["n", len(boxes), len(labels)],
    }
    _save(directory, nodes, constants, 64, outputs)
    artefact = Artefact(
        Task.DETECTION, labels, (0.5,) * len(labels), (64, 64), Preprocessing(resize)
    )
    artefact.write(directory)
    return artefact


def _burden(side: int) -> list[onnx.NodeProto]:
    if not side:
        return [helper.make_node("Identity", ["colours"], ["scores"])]
    # From the picture, so that the runtime cannot work it out in advance.
    return [
        helper.make_node("ReduceMax", ["colours"], ["brightest"], keepdims=0),
        helper.make_node("Add", ["zeros", "brightest"], ["square"]),
        helper.make_node("MatMul", ["square", "square"], ["twice"]),
        helper.make_node("MatMul", ["twice", "zeros"], ["nothing"]),
        helper.make_node("ReduceMax", ["nothing"], ["nought"], keepdims=0),
        helper.make_node("Add", ["colours", "nought"], ["scores"]),
    ]


def _save(
    directory: Path,
    nodes: list[onnx.NodeProto],
    constants: list[onnx.TensorProto],
    side: int,
    outputs: dict[str, list[str | int]],
) -> None:
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", side, side, 3])
    answers = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in outputs.items()
    ]
    graph = helper.make_graph(nodes, "known", [images], answers, constants)
    opset = [helper.make_opsetid("", 18)]
    directory.mkdir(parents=True, exist_ok=True)
    onnx.save(
        helper.make_model(graph, opset_imports=opset, ir_version=10), directory / NETWORK_FILE
    )
