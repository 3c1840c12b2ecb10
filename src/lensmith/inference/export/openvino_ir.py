"""Converts an exported model to OpenVINO's format, with the script that runs it there."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from lensmith.domain.errors import LensmithError
from lensmith.domain.readable import Readable

NETWORK_FILES = ("model.xml", "model.bin")

_CALL = re.compile(r"NETWORK\.run\(\[[^\]]*\], (\{.*?\})\)")
_SESSION = 'onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))'
# As it was evaluated: OpenVINO would choose bfloat16 by the processor.
_COMPILED = """openvino.compile_model(
    Path(__file__).with_name("model.xml"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
)"""


class OpenVinoMissingError(LensmithError):
    """OpenVINO is not installed; the message says how to install it."""


def convert(network: Readable, scratch: str | None = None) -> tuple[bytes, bytes]:
    """Return the two files of a network's intermediate representation.

    `scratch` is the folder of memory where they are written before. Raises OpenVinoMissingError.
    """
    try:
        import openvino
    except ImportError as error:
        raise OpenVinoMissingError(
            "The server needs OpenVINO for it: pip install 'lensmith[openvino]'."
        ) from error
    model = openvino.Core().read_model(network.read_bytes())
    with TemporaryDirectory(dir=scratch) as folder:
        described, weights = (Path(folder) / name for name in NETWORK_FILES)
        openvino.save_model(model, described, compress_to_fp16=False)
        return described.read_bytes(), weights.read_bytes()


def script_for_openvino(script: str) -> str:
    """Rewrite `classify.py` or `detect.py`, which run ONNX Runtime."""
    script = _CALL.sub(r"tuple(NETWORK(\1).values())", script.replace(_SESSION, _COMPILED))
    return script.replace("import onnxruntime", "import openvino").replace(
        "needs onnxruntime", "needs openvino"
    )
