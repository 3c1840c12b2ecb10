"""Exports a trained network to ONNX and compares it in the runtime that will serve it."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from torch import Tensor, nn
from torch.jit import TracerWarning  # type: ignore[attr-defined]

from lensmith.inference.artefact import NETWORK_FILE, Artefact
from lensmith.inference.image import Pixels
from lensmith.inference.network import load_network
from lensmith.training.errors import ExportError

OPSET = 18
TOLERANCE = 1e-3  # of scores and of fractions of the frame
FAINT = 0.01  # score below which a candidate is never a detection

Answers = Mapping[str, NDArray[np.float32]]
"""Name of an output -> its values."""
Indices = NDArray[np.intp]


def export_model(
    network: nn.Module,
    outputs: Sequence[str],
    artefact: Artefact,
    directory: Path,
    samples: Pixels,
    *,
    match_outputs_by_assignment: bool = False,
) -> None:
    """Write `model.onnx` and `model.json`, and compare both networks on `samples`.

    `network` takes uint8 [n, height, width, 3] and returns one tensor for each of `outputs`.
    `match_outputs_by_assignment` pairs the candidates of both networks before the comparison, for
    networks that rank them: the last bit of a score decides between equals. Raises ExportError
    when the outputs differ.
    """
    network.eval()
    write_network(network, outputs, directory / NETWORK_FILE, torch.from_numpy(samples))
    artefact.write(directory)
    _check(
        network,
        outputs,
        artefact,
        directory,
        samples,
        match_outputs_by_assignment=match_outputs_by_assignment,
    )


def versions() -> dict[str, str]:
    """List the versions of the packages that made a model."""
    packages = ("lensmith", "torch", "onnx", "onnxruntime", "scikit-learn")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def write_network(network: nn.Module, outputs: Sequence[str], path: Path, samples: Tensor) -> None:
    """Write an ONNX file atomically; raises RuntimeError for operators without ONNX equivalent."""
    fresh = path.with_suffix(".onnx.new")
    with warnings.catch_warnings(), torch.no_grad():
        # The tracing exporter needs no further package. It warns that it is deprecated, and that
        # sides become constants, as they should for a fixed input size.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", TracerWarning)
        warnings.filterwarnings("ignore", message="Constant folding", category=UserWarning)
        torch.onnx.export(
            network,
            (samples,),
            fresh,
            input_names=["images"],
            output_names=list(outputs),
            dynamic_axes={name: {0: "n"} for name in ("images", *outputs)},
            opset_version=OPSET,
            dynamo=False,
        )
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.replace(path)


@torch.no_grad()
def _check(
    network: nn.Module,
    outputs: Sequence[str],
    artefact: Artefact,
    directory: Path,
    samples: Pixels,
    *,
    match_outputs_by_assignment: bool,
) -> None:
    answers = network(torch.from_numpy(samples))
    answers = [answers] if isinstance(answers, Tensor) else answers
    trained: Answers = {name: each.numpy() for name, each in zip(outputs, answers, strict=True)}
    exported: Answers = load_network(directory, artefact, threads=torch.get_num_threads()).run(
        samples
    )
    if match_outputs_by_assignment:
        trained, exported = _lined_up(trained, exported)
    for name, answer in trained.items():
        difference = float(np.abs(exported[name] - answer).max(initial=0.0))
        if not difference <= TOLERANCE:  # so that no number is no agreement
            raise ExportError(f"{name} differ by {difference:.4f}.")


def _lined_up(trained: Answers, exported: Answers) -> tuple[Answers, Answers]:
    """Pair the candidates of both models by linear assignment on their outputs.

    Drops pairs that are faint in both: the last bit of a score decides which of many candidates
    make it into the last places.
    """
    rows: list[tuple[Indices, Indices]] = []
    for frame in range(len(trained["scores"])):
        costs = [cdist(trained[name][frame], exported[name][frame]) for name in trained]
        rows.append(linear_sum_assignment(sum(costs)))
    ours = _in_order(trained, [mine for mine, _ in rows])
    theirs = _in_order(exported, [other for _, other in rows])
    clear = np.maximum(ours["scores"].max(1), theirs["scores"].max(1)) >= FAINT
    return (
        {name: answer[clear] for name, answer in ours.items()},
        {name: answer[clear] for name, answer in theirs.items()},
    )


def _in_order(answers: Answers, rows: Sequence[Indices]) -> Answers:
    """Stack the candidates of all images in the given order."""
    return {
        name: np.concatenate([answer[frame][order] for frame, order in enumerate(rows)])
        for name, answer in answers.items()
    }
