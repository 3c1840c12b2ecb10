"""Chooses the variant of a model that this machine serves."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from lensmith.domain.precision import Dropped, Precision
from lensmith.inference.artefact import Artefact
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import ONNX_RUNTIME, OPENVINO, Variant, choose_variant

_GPU_RUNTIME = "onnxruntime-gpu"


def choose_here(
    artefact: Artefact, wanted: Precision | None = None, dropped: Collection[Dropped] = ()
) -> Variant | None:
    """Apply the rule of `choose_variant` to this machine; a GPU takes float32.

    A unit could not run the `dropped` variants.
    """
    runtimes = runtimes_here()
    if _is_installed(_GPU_RUNTIME):
        wanted, runtimes = wanted or Precision.FLOAT32, (ONNX_RUNTIME,)
    unusable = {(one.precision, one.runtime) for one in dropped}
    usable = [one for one in artefact.variants if (one.precision, one.runtime) not in unusable]
    return choose_variant(usable, processor_features(), wanted, runtimes)


def runtimes_here() -> tuple[str, ...]:
    """List the runtimes that are installed."""
    # Not the metadata: that is a millisecond of every start of a unit.
    return (ONNX_RUNTIME,) if find_spec(OPENVINO) is None else (ONNX_RUNTIME, OPENVINO)


def runs_here(variant: Variant) -> bool:
    """Return whether this machine computes the answers that were evaluated."""
    return variant.runtime in runtimes_here() and set(variant.needs) <= processor_features()


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
