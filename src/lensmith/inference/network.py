"""Runs a trained network; the only module that depends on the runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from lensmith.domain.readable import Folder, Readable
from lensmith.inference.artefact import NETWORK_FILE, Artefact, ArtefactError
from lensmith.inference.image import Pixels


class Network(Protocol):
    """A network loaded by the runtime that the artefact names."""

    def run(self, frames: Pixels) -> dict[str, NDArray[np.float32]]:
        """Compute the outputs by name for `frames` uint8 [n, height, width, 3]."""


def load_network(directory: Folder, artefact: Artefact, threads: int) -> Network:
    """Load with the runtime that the artefact was evaluated with; 0 threads means all cores.

    Raises ArtefactError when the runtime is unknown or refuses the file.
    """
    if artefact.runtime != "onnxruntime":
        raise ArtefactError(f"The model needs the runtime {artefact.runtime!r}, unknown here.")
    return OnnxRuntimeNetwork(directory / NETWORK_FILE, threads)


class OnnxRuntimeNetwork:
    """ONNX Runtime, on CUDA where the installed build and the machine have it, else on the CPU."""

    def __init__(self, file: Readable, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that spin while idle take the cores of the other units.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            # A file that is encrypted on disk is plaintext in memory alone.
            network = file if isinstance(file, Path) else file.read_bytes()
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
