"""Runs a trained network with OpenVINO, in the precision that was evaluated."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lensmith.domain.precision import Precision
from lensmith.inference.artefact import ArtefactError
from lensmith.inference.image import Pixels

if TYPE_CHECKING:
    from openvino import InferRequest

_OUTPUTS = frozenset({"boxes", "scores"})
_HINTS = {Precision.FLOAT32: "f32", Precision.BFLOAT16: "bf16"}


class OpenVinoNetwork:
    """OpenVINO on the CPU; several threads may call it at once."""

    def __init__(self, file: bytes, threads: int, precision: Precision) -> None:
        """Load an ONNX file; 0 threads means all cores.

        Raises ArtefactError when OpenVINO is missing, refuses the file, or does not compute in the
        precision: it would choose another by the processor.
        """
        try:
            import openvino
        except ImportError as error:
            raise ArtefactError(
                "The model needs OpenVINO: pip install 'lensmith[openvino]'."
            ) from error
        threads = threads or len(os.sched_getaffinity(0))
        options = {
            "INFERENCE_PRECISION_HINT": _HINTS[precision],
            "INFERENCE_NUM_THREADS": threads,
            # One picture a thread, as many at once: a stream is what one call runs on.
            "NUM_STREAMS": threads,
            # Pinned threads of several units would share cores while others idle.
            "ENABLE_CPU_PINNING": False,
        }
        try:
            runtime = openvino.Core()
            self._compiled = runtime.compile_model(runtime.read_model(file), "CPU", options)
            computed = self._compiled.get_property("INFERENCE_PRECISION_HINT")
        except Exception as error:  # the runtime's errors share no other base
            raise ArtefactError("OpenVINO cannot load the model.") from error
        if computed.to_string() != _HINTS[precision]:
            raise ArtefactError(f"OpenVINO does not compute in {precision} here.")
        # An output may have more names: of the tensors that were found to be the same.
        self._outputs = {
            name: output for output in self._compiled.outputs for name in output.names & _OUTPUTS
        }
        self._own = threading.local()

    def run(self, frames: Pixels) -> dict[str, NDArray[np.float32]]:
        """Compute the outputs by name for `frames` uint8 [n, height, width, 3]."""
        request: InferRequest | None = getattr(self._own, "request", None)
        if request is None:
            request = self._own.request = self._compiled.create_infer_request()
        answers = request.infer({"images": frames}, share_inputs=True)
        return {name: answers[output] for name, output in self._outputs.items()}
