"""Loads detectors by name, from a folder, the local hub cache or the hub."""

from __future__ import annotations

from collections.abc import Sequence

from lensmith.inference.preprocess import Size
from lensmith.training.hub.errors import not_installed
from lensmith.training.hub.source import USUAL_SOURCE, HubSource
from lensmith.training.hub_detector.detector import HubDetector


def load_hub_detector(
    name: str,
    labels: int,
    picture_sizes: Sequence[Size],
    source: HubSource = USUAL_SOURCE,
) -> HubDetector:
    """Load a detector from a folder, the hub's cache or the hub, on the CPU.

    Pretrained weights are kept; layers sized by the number of labels are re-initialised. `name` as
    for `load_hub_backbone`; `picture_sizes` shape the input size. Raises BackboneUnavailableError.
    """
    try:
        from lensmith.training.hub import files, model_type
        from lensmith.training.hub_detector import network
    except ModuleNotFoundError as error:
        raise not_installed(name, error) from error
    model_type.require_detector(name, files.description_folder(name, source))
    return network.load(name, files.backbone_folder(name, source), labels, picture_sizes)
