"""A trained network as an ONNX file, checked in the runtime that will serve it."""

from __future__ import annotations

import os
import platform
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.jit import TracerWarning  # type: ignore[attr-defined]

from lensmith.domain.errors import LensmithError
from lensmith.inference.artefact import NETWORK_FILE, Artefact
from lensmith.inference.image import Pixels
from lensmith.inference.network import load_network

OPSET = 18
TOLERANCE = 1e-3  # of scores and of fractions of the frame


class ExportError(LensmithError):
    """The exported model answers otherwise than the trained one."""


def export_model(
    network: nn.Module,
    outputs: Sequence[str],
    artefact: Artefact,
    directory: Path,
    samples: Pixels,
) -> None:
    """Write `model.onnx` and `model.json`, and compare both networks on `samples`.

    `network` takes uint8 [n, height, width, 3] and answers one tensor for each of `outputs`.
    Raises ExportError when the runtime's answers differ.
    """
    network.eval()
    write_network(network, outputs, directory / NETWORK_FILE, torch.from_numpy(samples))
    artefact.write(directory)
    _check(network, outputs, artefact, directory, samples)


def versions() -> dict[str, str]:
    """What made a model, for its description."""
    packages = ("lensmith", "torch", "onnx", "onnxruntime", "scikit-learn")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def write_network(network: nn.Module, outputs: Sequence[str], path: Path, samples: Tensor) -> None:
    """Write an ONNX file, whole or not at all; raises RuntimeError for what ONNX cannot say."""
    fresh = path.with_suffix(".onnx.new")
    with warnings.catch_warnings():
        # The exporter by tracing needs no further package; it says that it is old, and that
        # sides become constants, which is what a fixed input frame wants.
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
) -> None:
    answers = network(torch.from_numpy(samples))
    trained = [answers] if isinstance(answers, Tensor) else list(answers)
    exported = load_network(directory, artefact, threads=torch.get_num_threads()).run(samples)
    for name, answer in zip(outputs, trained, strict=True):
        difference = float(np.abs(exported[name] - answer.numpy()).max(initial=0.0))
        if not difference <= TOLERANCE:  # so that no number is no agreement
            raise ExportError(f"The exported model's {name} differ by {difference:.4f}.")
