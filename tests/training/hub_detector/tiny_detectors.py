"""Detectors of random weights, saved as their owners save theirs, small enough for seconds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:  # what needs seconds is imported by the tests, not by all that collect them
    from transformers import DFineConfig, RTDetrV2Config

SIDE = 64
KNOWN_LABELS = 80  # as after COCO
PROCESSOR = f'{{"size": {{"height": {SIDE}, "width": {SIDE}}}, "do_normalize": false}}'
_UNTOUCHED = ("class_embed", "bbox_embed", "score_head", "bbox_head", "sampling_offsets")

_DECODER: dict[str, Any] = {
    "encoder_hidden_dim": 16,
    "d_model": 16,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "decoder_layers": 2,
    "decoder_n_points": 2,
    "decoder_in_channels": [16, 16, 16],
    "encoder_in_channels": [16, 24, 32],
    "hidden_expansion": 0.5,
    "num_queries": 20,
    "num_denoising": 10,
    "num_labels": KNOWN_LABELS,
}


def d_fine() -> DFineConfig:
    from transformers import DFineConfig, HGNetV2Config

    backbone = HGNetV2Config(
        stem_channels=[3, 8, 8],
        stage_in_channels=[8, 8, 16, 24],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[8, 16, 24, 32],
        stage_num_blocks=[1, 1, 1, 1],
        stage_numb_of_layers=[1, 1, 1, 1],
        embedding_size=8,
        hidden_sizes=[8, 16, 24, 32],
        depths=[1, 1, 1, 1],
        out_indices=[2, 3, 4],
    )
    return DFineConfig(backbone_config=backbone, depth_mult=0.34, lqe_hidden_dim=8, **_DECODER)


def rt_detr_v2() -> RTDetrV2Config:
    from transformers import RTDetrResNetConfig, RTDetrV2Config

    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16, 24, 32],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    return RTDetrV2Config(backbone_config=backbone, **_DECODER)


FAMILIES = {"d-fine": d_fine, "rt-detr-v2": rt_detr_v2}


def saved_detector(family: str, folder: Path) -> Path:
    """As large at every layer as trained ones are: fresh ones see the same in every picture."""
    from transformers import AutoModelForObjectDetection

    torch.manual_seed(0)
    network = AutoModelForObjectDetection.from_config(FAMILIES[family]())
    for name, tensor in network.named_parameters():
        if any(word in name for word in _UNTOUCHED):
            continue
        if tensor.dim() > 1:
            nn.init.kaiming_normal_(tensor, nonlinearity="relu")
        elif name.endswith("weight"):
            nn.init.ones_(tensor)
    network.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(PROCESSOR)
    return folder
