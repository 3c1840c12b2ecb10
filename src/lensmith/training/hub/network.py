"""Loads a frozen backbone from a folder, and checks it by a forward pass and an export."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import torch
from torch import Tensor, nn
from transformers import AutoModel
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_BACKBONE_MAPPING

from lensmith.training.export import write_network
from lensmith.training.hub.backbone import HubBackbone, Pooling
from lensmith.training.hub.model_type import as_unavailable_errors
from lensmith.training.hub.pixels import USUAL_SIDE, ExpectedPixels
from lensmith.training.hub.weights import described, with_weights

MAX_BYTES = 1_900_000_000  # an ONNX file holds 2 GB
# Fresh values of these do no harm: an unused pooler, a token for masked training, a counter.
EXPENDABLE = ("pooler.", "mask_token", "num_batches_tracked")


def load(name: str, folder: Path, *, max_bytes: int = MAX_BYTES) -> HubBackbone:
    """Load the image model in a folder; raises BackboneUnavailableError if it cannot be run."""
    with as_unavailable_errors(name):
        network, missing = _network(folder)
        pixels = ExpectedPixels.from_description(description(folder))
        require_image_model(network, missing, max_bytes)
        return prove(name, network, missing, pixels)


def _network(folder: Path) -> tuple[nn.Module, set[str]]:
    """Load the model, of several towers the image tower; also return tensors its file lacks."""
    config = described(folder)
    config = getattr(config, "vision_config", config)
    saved_as = (config.architectures or [""])[0]
    # AutoBackbone.from_pretrained would ask the hub whether it knows the folder.
    loader = (
        MODEL_FOR_BACKBONE_MAPPING[type(config)] if saved_as.endswith("Backbone") else AutoModel
    )
    network, loading = with_weights(loader, folder, config)
    return network, set(loading["missing_keys"])


def description(folder: Path) -> dict[str, Any]:
    """Read the image processor's keys: the family's defaults, overridden by the folder's."""
    config = described(folder)
    given = _described_in(folder)
    if given is None:
        side = getattr(getattr(config, "vision_config", config), "image_size", None)
        given = {"size": side or USUAL_SIDE, "do_center_crop": False}
    return _family_description(config) | given


def _described_in(folder: Path) -> dict[str, Any] | None:
    for file in ("processor_config.json", "preprocessor_config.json"):
        path = folder / file
        if not path.is_file():
            continue
        given = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        if file == "preprocessor_config.json":
            return given
        if isinstance(given.get("image_processor"), dict):
            return dict(given["image_processor"])
    return None


def _family_description(config: Any) -> dict[str, Any]:
    """Choose ImageNet's statistics where no processor runs without torchvision."""
    try:
        processor = IMAGE_PROCESSOR_MAPPING[type(config)]["pil"]
    except KeyError:
        return {"do_normalize": True}
    defaults: dict[str, Any] = processor().to_dict()
    return defaults


def require_image_model(network: Any, missing: set[str], max_bytes: int = MAX_BYTES) -> None:
    """Raises ValueError."""
    channels = getattr(network.config, "num_channels", 3)
    if network.main_input_name != "pixel_values" or channels != 3:
        raise ValueError("it is not a model for colour images")
    lacking = {tensor for tensor in missing if not any(word in tensor for word in EXPENDABLE)}
    if lacking:
        raise ValueError(f"its weights lack {len(lacking)} tensors, {min(lacking)} among them")
    size = sum(tensor.numel() for tensor in network.parameters()) * 4
    if size > max_bytes:
        raise ValueError(f"its {size / 1e9:.1f} GB of weights do not fit into one ONNX file")


@torch.no_grad()
def prove(name: str, network: nn.Module, missing: set[str], pixels: ExpectedPixels) -> HubBackbone:
    """Raises ValueError, or whatever the model does, when it cannot make features of a frame.

    Also when it cannot be exported: as the winner it would end the training then.
    """
    width, height = pixels.input_size
    _fix_positions(network, torch.zeros(1, 3, height, width))
    answer = network(pixel_values=torch.zeros(1, 3, height, width))
    backbone = HubBackbone(name, network, _pooling(network, answer, missing), pixels, features=0)
    image = (torch.arange(height * width * 3) % 251).to(torch.uint8).reshape(1, height, width, 3)
    features = backbone(image)
    if not torch.allclose(features, backbone(image), rtol=1e-3, atol=1e-4):
        raise ValueError("it does not answer a picture with the same features each time")
    backbone.features = features.shape[1]
    with TemporaryDirectory(prefix="lensmith-") as folder:
        write_network(backbone, ["features"], Path(folder) / "backbone.onnx", image)
    return backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _pooling(network: Any, answer: Any, missing: set[str]) -> Pooling:
    """Choose the model's own pooler unless it was never trained, or is BERT's layer with its tanh.

    That layer squeezes features that a linear head can read better before it.
    """
    squeezing = hasattr(getattr(network, "pooler", None), "dense")
    trained = not any("pooler." in tensor for tensor in missing)
    if answer.get("pooler_output") is not None and trained and not squeezing:
        return Pooling.POOLER
    names = {parameter.rpartition(".")[2] for parameter, _ in network.named_parameters()}
    classifying = names & {"cls_token", "class_token", "class_embedding"}
    return Pooling.FIRST_TOKEN if classifying and "feature_maps" not in answer else Pooling.MEAN


def _fix_positions(network: nn.Module, pixels: Tensor) -> None:
    """Compute position embeddings for this frame once.

    They are interpolated for each picture otherwise, by an operator that ONNX does not know.
    """
    interpolating = [
        module
        for module in network.modules()
        if callable(getattr(module, "interpolate_pos_encoding", None))
    ]
    for module in interpolating:  # set on the instance, where it hides the method of the class
        interpolate = module.interpolate_pos_encoding
        module.interpolate_pos_encoding = partial(_remember, module, interpolate)  # type: ignore[assignment]
    network(pixel_values=pixels)
    for module in interpolating:
        del module.interpolate_pos_encoding
        if hasattr(module, "fixed_positions"):
            module.interpolate_pos_encoding = partial(_recall, module)  # type: ignore[assignment]


def _remember(module: nn.Module, interpolate: Any, *arguments: Any, **named: Any) -> Tensor:
    positions: Tensor = interpolate(*arguments, **named)
    module.register_buffer("fixed_positions", positions.detach().clone())
    return positions


def _recall(module: Any, *_arguments: Any, **_named: Any) -> Tensor:
    return module.fixed_positions  # type: ignore[no-any-return]
