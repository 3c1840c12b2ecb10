"""Reads configuration and weights by `transformers`: never a model's code or a pickle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig


def described(folder: Path) -> Any:
    """Load the model's configuration; raises any error of `transformers` if it is not valid."""
    return AutoConfig.from_pretrained(folder, trust_remote_code=False)


def with_weights(
    loader: Any, folder: Path, config: Any, **more: Any
) -> tuple[nn.Module, dict[str, Any]]:
    """Load a model in evaluation mode; return it and which tensors were missing or did not fit.

    Raises whatever `transformers` does with weights that it cannot read.
    """
    network, loading = loader.from_pretrained(
        folder,
        config=config,
        attn_implementation="eager",  # the only one that the exporter can follow
        dtype=torch.float32,
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
        **more,
    )
    return network.eval(), loading
