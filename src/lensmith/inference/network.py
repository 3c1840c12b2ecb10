"""Runs a trained network with the runtime that it was evaluated with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from lensmith.domain.readable import Folder, Readable
from lensmith.inference.artefact import NETWORK_FILE, Artefact, ArtefactError
from lensmith.inference.image import Pixels
from lensmith.inference.openvino_network import OpenVinoNetwork
from lensmith.inference.variant import ONNX_RUNTIME, OPENVINO, Variant


class Network(Protocol):
    """A network loaded by the runtime that the artefact names."""

    def run(self, frames: Pixels) -> dict[str, NDArray[np.float32]]:
        """Compute the outputs by name for `frames` uint8 [n, height, width, 3]."""


def load_network(
    directory: Folder, artefact: Artefact, threads: int, variant: Variant | None = None
) -> Network:
    """Load with the runtime that the artefact was evaluated with; 0 threads means all cores.

    Without a variant the float32 file is loaded. Raises ArtefactError when the runtime is unknown
    or refuses the file, and when the variant's file is not the one that was evaluated.
    """
    runtime = artefact.runtime if variant is None else variant.runtime
    if runtime not in {ONNX_RUNTIME, OPENVINO} or (variant is None and runtime == OPENVINO):
        raise ArtefactError(f"The model needs the runtime {runtime!r}, unknown here.")
    if variant is None:
        return OnnxRuntimeNetwork(directory / NETWORK_FILE, threads)
    file = _evaluated(directory / variant.file, variant)
    if runtime == OPENVINO:
        return OpenVinoNetwork(file, threads, variant.precision)
    return OnnxRuntimeNetwork(file, threads)


def _evaluated(file: Readable, variant: Variant) -> bytes:
    """Read the file of a variant; raises ArtefactError if it is another one."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ArtefactError(f"The model cannot be read: {error.strerror}.") from error
    if hashlib.sha256(content).hexdigest() != variant.digest:
        raise ArtefactError(f"{variant.file} is not the file that was evaluated.")
    return content


class OnnxRuntimeNetwork:
    """ONNX Runtime, on CUDA where the installed build and the machine have it, else on the CPU."""

    def __init__(self, file: Readable | bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while idle take the cores of the other units.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            # A file that is encrypted on disk is plaintext in memory alone.
            network = file if isinstance(file, Path | bytes) else file.read_bytes()
            self._session = onnxruntime.InferenceSession(network, options, providers=_providers())
        except Exception as error:  # the runtime's errors share no other base
            raise ArtefactError(f"The model cannot be loaded: {_first_line(error)}") from error
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, frames: Pixels) -> dict[str, NDArray[np.float32]]:
        outputs = self._session.run(self._outputs, {"images": frames})
        return dict(zip(self._outputs, outputs, strict=True))


def _providers() -> list[tuple[str, dict[str, str]]]:
    # With 10 bits of mantissa, as TF32 has, scores would differ from those of other machines.
    wanted = [("CUDAExecutionProvider", {"use_tf32": "0"}), ("CPUExecutionProvider", {})]
    present = onnxruntime.get_available_providers()
    return [(name, options) for name, options in wanted if name in present]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
