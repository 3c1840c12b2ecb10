"""Loads pretrained weights of the pyramid and the head.

They were trained to find drawn objects on photographs (`python -m research.pretraining`, decision
0012). Only the layer of the user's labels is initialised at random.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lensmith.store.files import write_atomically
from lensmith.training.backbone import BackboneName
from lensmith.training.detector.network import Detector

_WEIGHTS = Path(__file__).parent / "weights"
START_FILES = {
    BackboneName.LITE0: _WEIGHTS / "detector_start.npz",
    BackboneName.LITE2: _WEIGHTS / "detector_start_lite2.npz",
}
"""By the backbone whose maps the weights read; on any other they are initialised at random."""

_STARTED_PARTS = ("pyramid.", "head.")
_USERS_LABELS = "head.label."
_BATCHES_SEEN = ".num_batches_tracked"  # a count that nothing reads


def load_start(network: Detector, file: Path) -> None:
    """Load pretrained weights into the pyramid and the head, on the backbone that they fit.

    Raises ValueError when the names in the file are not the network's, RuntimeError when a shape
    is another.
    """
    with np.load(file) as stored:
        weights = {name: torch.from_numpy(stored[name]) for name in stored.files}
    other = weights.keys() ^ _started(network).keys()
    if other:
        raise ValueError(f"{file} does not fit the detector: {sorted(other)}")
    network.load_state_dict(weights, strict=False)


def save_start(network: Detector, file: Path) -> None:
    """Write the weights of the pyramid and the head in half precision."""
    halves: dict[str, NDArray[np.float16]] = {
        name: weight.cpu().numpy().astype(np.float16) for name, weight in _started(network).items()
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **halves)
    write_atomically(file, buffer.getvalue())


def _started(network: Detector) -> dict[str, Tensor]:
    """Name -> weight of everything independent of the user's labels."""
    return {
        name: weight
        for name, weight in network.state_dict().items()
        if name.startswith(_STARTED_PARTS)
        and not name.startswith(_USERS_LABELS)
        and not name.endswith(_BATCHES_SEEN)
    }
