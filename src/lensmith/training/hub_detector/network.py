"""Loads a detector from a folder for other labels, and checks it before it is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForObjectDetection

from lensmith.inference.preprocess import Size
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.export import write_network
from lensmith.training.hub.model_type import as_unavailable_errors
from lensmith.training.hub.network import description, require_image_model
from lensmith.training.hub.pixels import ExpectedPixels
from lensmith.training.hub.weights import described, with_weights
from lensmith.training.hub_detector.detector import HubDetector

GRID = 32  # pixels; input sizes that are no multiples are left as they are
NARROWEST = 0.5  # smallest width / height; its inverse is the largest

Mismatches = Iterable[tuple[str, torch.Size, torch.Size]]
"""Name of a tensor, its shape in the file, its shape in the network."""


def load(name: str, folder: Path, labels: int, picture_sizes: Sequence[Size]) -> HubDetector:
    """Load the detector in a folder; raises BackboneUnavailableError if it cannot be trained."""
    with as_unavailable_errors(name):
        network, missing = _network(folder, labels)
        pixels = ExpectedPixels.from_description(description(folder))
        require_image_model(network, missing)
        input_size = shaped_input_size(pixels.input_size, picture_sizes)
        detector = HubDetector(name, network, pixels, input_size, labels)
        _prove(detector)
        return detector


def shaped_input_size(own: Size, picture_sizes: Sequence[Size]) -> Size:
    """Fit the model's own input area to the pictures' aspect ratio, so that no margin wastes it."""
    if own[0] % GRID or own[1] % GRID:
        return own
    aspect = median(width / height for width, height in picture_sizes)
    stretch = math.sqrt(min(max(aspect, NARROWEST), 1 / NARROWEST))
    side = math.sqrt(own[0] * own[1])
    return _on_grid(side * stretch), _on_grid(side / stretch)


def _on_grid(side: float) -> int:
    return max(round(side / GRID), 2) * GRID


def _network(folder: Path, labels: int) -> tuple[nn.Module, set[str]]:
    """Load the model with fresh layers for the labels; also return tensors its file lacks."""
    config = described(folder)
    known = config.num_labels
    config.num_labels = labels
    _free_of_input_size(config)
    network, loading = with_weights(
        AutoModelForObjectDetection, folder, config, ignore_mismatched_sizes=True
    )
    _require_same_but_labels(loading["mismatched_keys"], known, labels)
    if callable(loss := getattr(network, "loss_function", None)):
        setattr(network, "loss_function", _in_full_precision(loss))  # noqa: B010 - a property
    return network, set(loading["missing_keys"])


def _in_full_precision(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Match and compare boxes without autocast: bfloat16 would round them to pixels."""

    @wraps(loss)
    def computed(*answers: Any, **named: Any) -> Any:
        wide = [_widened(answer) for answer in answers]
        named = {name: _widened(answer) for name, answer in named.items()}
        with torch.autocast(_device_type((*wide, *named.values())), enabled=False):
            return loss(*wide, **named)

    return computed


def _device_type(answers: Iterable[Any]) -> str:
    return next(answer.device.type for answer in answers if isinstance(answer, Tensor))


def _widened(answer: Any) -> Any:
    is_number = isinstance(answer, Tensor) and answer.is_floating_point()
    return answer.float() if is_number else answer


def _free_of_input_size(config: Any) -> None:
    """Let positions and anchors follow the frame, and every decoder layer learn."""
    for setting in ("anchor_image_size", "eval_size"):
        if getattr(config, setting, None) is not None:
            setattr(config, setting, None)
    if getattr(config, "auxiliary_loss", None) is False:
        config.auxiliary_loss = True


def _require_same_but_labels(mismatches: Mismatches, known: int, labels: int) -> None:
    """Raises ValueError where a tensor differs in more than the number of labels.

    Some models have a row more than labels, for nothing.
    """
    for tensor, stored, wanted in mismatches:
        rows = stored[0] - known, wanted[0] - labels
        if rows not in {(0, 0), (1, 1)} or stored[1:] != wanted[1:]:
            raise ValueError(f"its weights do not fit its description, {tensor} for example")


def _prove(detector: HubDetector) -> None:
    """Raises ValueError, or whatever the model does, when it cannot learn or be exported.

    Otherwise it would end the training then.
    """
    width, height = detector.input_size
    image = (torch.arange(height * width * 3) % 251).to(torch.uint8).reshape(1, height, width, 3)
    with torch.no_grad():
        boxes, scores = detector(image)
    if boxes.shape[2:] != (4,) or scores.shape != (*boxes.shape[:2], detector.labels):
        raise ValueError("its answers are not boxes with a score for each label")
    middle = torch.tensor([[[0.25 * width, 0.25 * height, 0.75 * width, 0.75 * height]]])
    loss = detector.train().loss(
        image, GroundTruthBoxes(middle, torch.zeros(1, 1, dtype=torch.int64))
    )
    detector.eval()
    if not (loss.requires_grad and loss.isfinite()):
        raise ValueError("its loss is not a number to learn from")
    with TemporaryDirectory(prefix="lensmith-") as folder:
        write_network(detector, ["boxes", "scores"], Path(folder) / "detector.onnx", image)
