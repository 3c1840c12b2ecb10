"""Tiny models of random weights, saved as their owners save theirs."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.training.drawn import SHAPES, drawn_examples
from torch import Tensor, nn

from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.network import load_network
from lensmith.training import hub
from lensmith.training.backbone import BackboneName
from lensmith.training.classifier.recipe import HEADS, classifier_recipe
from lensmith.training.classifier.train import train_classifier
from lensmith.training.export import export_model
from lensmith.training.hub.backbone import HubBackbone
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.load import load_hub_backbone
from lensmith.training.hub.pixels import ExpectedPixels
from lensmith.training.settings import TrainingSettings

TOWER: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
}
IMAGE_TOWER = {**TOWER, "image_size": 32, "patch_size": 8}
DINO = {**TOWER, "image_size": 48, "patch_size": 8}  # trained at another size than it is used at
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "vit": ("ViTConfig", IMAGE_TOWER),
    "dinov2": ("Dinov2Config", DINO),
    "dinov2-registers": ("Dinov2WithRegistersConfig", DINO),
    "dinov3": ("DINOv3ViTConfig", {**IMAGE_TOWER, "num_register_tokens": 2}),
    "siglip-vision": ("SiglipVisionConfig", IMAGE_TOWER),
    "siglip": (
        "SiglipConfig",
        {
            "vision_config": IMAGE_TOWER,
            "text_config": {**TOWER, "vocab_size": 10, "bos_token_id": 0, "eos_token_id": 1},
        },
    ),
    "convnext": ("ConvNextConfig", {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]}),
    "mobilenet": ("MobileNetV2Config", {"depth_multiplier": 0.1, "finegrained_output": False}),
    "resnet": (
        "ResNetConfig",
        {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic"},
    ),
    "swin": (
        "SwinConfig",
        {
            "image_size": 32,
            "patch_size": 2,
            "embed_dim": 8,
            "depths": [1, 1],
            "num_heads": [2, 2],
            "window_size": 4,
        },
    ),
}
PROCESSOR = '{"size": {"height": 32, "width": 32}, "do_center_crop": false}'


@pytest.fixture(autouse=True)
def same_weights_each_time() -> None:
    torch.manual_seed(0)


def of_transformers(name: str) -> Any:
    """Import what takes seconds in the tests, not in every worker that collects them."""
    import transformers

    return getattr(transformers, name)


def config(family: str) -> Any:
    name, given = FAMILIES[family]
    return of_transformers(name)(**given)


def unsaved(config: Any) -> Any:
    return of_transformers("AutoModel").from_config(config)


def saved(config: Any, folder: Path) -> Path:
    network = unsaved(config)
    for tensor in network.parameters():  # poolers and scales at their start would hide mistakes
        if tensor.dim() > 1:
            nn.init.kaiming_normal_(tensor)
    network.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(PROCESSOR)
    return folder


def frames(backbone: HubBackbone, count: int) -> Tensor:
    width, height = backbone.input_size
    return torch.randint(0, 256, (count, height, width, 3), dtype=torch.uint8)


class Probabilities(nn.Module):
    """What a classifier adds, since a model's answers are held to be 0..1."""

    def __init__(self, backbone: HubBackbone) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, images: Tensor) -> Tensor:
        return torch.as_tensor(self.backbone(images)).softmax(1)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_loads_and_answers_the_same_in_onnxruntime(family: str, tmp_path: Path) -> None:
    backbone = load_hub_backbone(str(saved(config(family), tmp_path)))
    assert backbone.input_size == (32, 32)
    assert not backbone.training
    assert not any(tensor.requires_grad for tensor in backbone.parameters())
    labels = tuple(f"label {number}" for number in range(backbone.features))
    artefact = Artefact(Task.CLASSIFICATION, labels, (0.5,) * len(labels), backbone.input_size)
    export_model(
        Probabilities(backbone), ["scores"], artefact, tmp_path, frames(backbone, 2).numpy()
    )
    more = frames(backbone, 3)
    with torch.no_grad():
        expected = Probabilities(backbone)(more).numpy()
    answer = load_network(tmp_path, artefact, threads=1).run(more.numpy())["scores"]
    assert np.ptp(expected, axis=0).max() > 1e-3, "the features do not tell pictures apart"
    np.testing.assert_allclose(answer, expected, atol=1e-4)


def test_features_are_what_the_model_gives_itself(tmp_path: Path) -> None:
    """At its own size, where no position is interpolated."""
    folder = saved(config("siglip-vision"), tmp_path)
    backbone = load_hub_backbone(str(folder))
    images = frames(backbone, 2)
    with torch.no_grad():
        expected = (
            of_transformers("AutoModel")
            .from_pretrained(folder)
            .eval()(pixel_values=backbone.normalised(images))
        )
        torch.testing.assert_close(backbone(images), expected.pooler_output, atol=1e-5, rtol=1e-4)


def test_positions_are_interpolated_as_the_model_does_it(tmp_path: Path) -> None:
    folder = saved(config("dinov2-registers"), tmp_path)
    backbone = load_hub_backbone(str(folder))
    images = frames(backbone, 2)
    with torch.no_grad():
        expected = (
            of_transformers("AutoModel")
            .from_pretrained(folder)
            .eval()(pixel_values=backbone.normalised(images))
        )
        torch.testing.assert_close(backbone(images), expected.pooler_output, atol=1e-5, rtol=1e-4)


def test_a_pooler_that_was_never_trained_is_not_used(tmp_path: Path) -> None:
    of_transformers("ViTForImageClassification")(config("vit")).save_pretrained(
        tmp_path
    )  # has no pooler
    first, second = (load_hub_backbone(str(tmp_path)) for _ in range(2))
    images = frames(first, 2)
    with torch.no_grad():
        torch.testing.assert_close(first(images), second(images))


def test_a_saved_auto_backbone_gives_its_last_map(tmp_path: Path) -> None:
    of_transformers("AutoBackbone").from_config(config("resnet")).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(PROCESSOR)
    assert load_hub_backbone(str(tmp_path)).features == 16


def test_without_a_processor_the_model_says_its_size(tmp_path: Path) -> None:
    unsaved(config("vit")).save_pretrained(tmp_path)
    assert load_hub_backbone(str(tmp_path)).input_size == (32, 32)


def test_a_classifier_in_training_leaves_it_in_evaluation_mode(tmp_path: Path) -> None:
    backbone = load_hub_backbone(str(saved(config("resnet"), tmp_path)))
    Probabilities(backbone).train()
    assert not any(module.training for module in backbone.modules())


def test_without_transformers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "lensmith.training.hub.network", raising=False)
    monkeypatch.delattr(hub, "network", raising=False)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(BackboneUnavailableError) as caught:
        load_hub_backbone("facebook/dinov2-small")
    assert caught.value.skipped == Skipped(
        SkipReason.NOT_INSTALLED, "facebook/dinov2-small", detail="transformers"
    )


def refused(folder: Path) -> str:
    with pytest.raises(BackboneUnavailableError) as caught:
        load_hub_backbone(str(folder))
    assert str(caught.value).startswith(f"The backbone {folder} cannot be used: ")
    assert "\n" not in caught.value.skipped.detail
    assert caught.value.skipped.reason is SkipReason.UNUSABLE
    return caught.value.skipped.detail


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "config.json" in refused(tmp_path)


def test_a_folder_without_weights(tmp_path: Path) -> None:
    config("vit").save_pretrained(tmp_path)
    assert "safetensors" in refused(tmp_path)


def test_pickled_weights_are_not_opened(tmp_path: Path) -> None:
    config("vit").save_pretrained(tmp_path)
    torch.save(unsaved(config("vit")).state_dict(), tmp_path / "pytorch_model.bin")
    assert "safetensors" in refused(tmp_path)


def test_weights_cut_short(tmp_path: Path) -> None:
    weights = saved(config("vit"), tmp_path) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    refused(tmp_path)


def test_weights_of_another_model(tmp_path: Path) -> None:
    saved(config("resnet"), tmp_path)
    config("vit").save_pretrained(tmp_path)
    assert "its weights lack" in refused(tmp_path)


def test_weights_larger_than_one_onnx_file(tmp_path: Path) -> None:
    from lensmith.training.hub import network as hub_network

    folder = saved(config("resnet"), tmp_path)
    with pytest.raises(BackboneUnavailableError, match="do not fit into one ONNX file"):
        hub_network.load("any", folder, max_bytes=1000)


def test_a_text_model(tmp_path: Path) -> None:
    unsaved(of_transformers("BertConfig")(**TOWER, vocab_size=10)).save_pretrained(tmp_path)
    assert refused(tmp_path) == "it is not a model for colour images"


def test_a_model_that_masks_at_random(tmp_path: Path) -> None:
    saved(of_transformers("ViTMAEConfig")(**IMAGE_TOWER, decoder_hidden_size=8), tmp_path)
    assert "same features each time" in refused(tmp_path)


def test_a_model_that_cannot_be_exported() -> None:
    from lensmith.training.hub import network as hub_network
    from lensmith.training.hub.model_type import as_unavailable_errors

    class Unexportable(of_transformers("ResNetModel")):  # type: ignore[misc]
        """Such models come and go with the versions of both libraries, so one is made up."""

        def forward(self, pixel_values: Tensor, **options: Any) -> Any:
            return super().forward(pixel_values.erfinv().nan_to_num(), **options)

    network = Unexportable(config("resnet")).eval()
    pixels = ExpectedPixels.from_description({"size": 64})
    with pytest.raises(BackboneUnavailableError, match="erfinv"), as_unavailable_errors("any"):
        hub_network.prove("any", network, set(), pixels)


def test_code_of_a_model_is_never_run(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        '{"model_type": "ours", "auto_map": {"AutoConfig": "ours.Config", "AutoModel": "ours.M"}}'
    )
    (tmp_path / "ours.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    refused(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_processor_that_makes_no_sense(tmp_path: Path) -> None:
    saved(config("vit"), tmp_path)
    (tmp_path / "preprocessor_config.json").write_text('{"size": {"depth": 3}}')
    assert "image processor" in refused(tmp_path)


def test_it_competes_for_a_classifier(tmp_path: Path) -> None:
    folder = saved(config("dinov2"), tmp_path / "tiny")
    examples = drawn_examples(tmp_path, 9, (1, 1), seed=1)
    model = tmp_path / "model"
    model.mkdir()
    settings = TrainingSettings(threads=1, backbones=(str(folder),))
    recipe = replace(classifier_recipe(examples), candidates=(BackboneName.LITE0,), views=1)
    train_classifier(examples, SHAPES, model, settings, lambda _: None, recipe=recipe)
    tried = [trial.candidate for trial in Artefact.read(model).report.trials]
    assert tried.count(str(folder)) == len(HEADS)
