"""Loads backbones by name, from a folder, the local hub cache or the hub.

`transformers` comes with the extra `lensmith[hub]`: it is imported when the first name is loaded.
Only safetensors are read (pickles can run code), and never a model's own Python code.
"""

from __future__ import annotations

from lensmith.training.hub.backbone import HubBackbone
from lensmith.training.hub.errors import not_installed
from lensmith.training.hub.source import USUAL_SOURCE, HubSource


def load_hub_backbone(name: str, source: HubSource = USUAL_SOURCE) -> HubBackbone:
    """Load a backbone from a folder, the hub's cache or the hub, on the CPU.

    `name` is a folder, `owner/model` or `owner/model@revision`. The cache is asked before the
    hub, so that a training repeats with the same weights. Raises BackboneUnavailableError.
    """
    try:
        from lensmith.training.hub import files, model_type, network
    except ModuleNotFoundError as error:
        raise not_installed(name, error) from error
    model_type.require_backbone(name, files.description_folder(name, source))
    return network.load(name, files.backbone_folder(name, source))
