"""Chooses the variant of a model that this machine serves."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from lensmith.domain.precision import Precision
from lensmith.inference.artefact import Artefact
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import Variant, choose_variant

_GPU_RUNTIME = "onnxruntime-gpu"


def choose_here(artefact: Artefact, wanted: Precision | None = None) -> Variant | None:
    """Apply the rule of `choose_variant` to this machine; a GPU takes float32."""
    if wanted is None and _is_installed(_GPU_RUNTIME):
        wanted = Precision.FLOAT32
    return choose_variant(artefact.variants, processor_features(), wanted)


def runs_here(variant: Variant) -> bool:
    """Return whether this machine's processor computes the answers that were evaluated."""
    return set(variant.needs) <= processor_features()


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
