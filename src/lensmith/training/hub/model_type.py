"""Reads the type of a model from its folder, and turns errors of `transformers` into ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers.models.auto.modeling_auto import MODEL_FOR_OBJECT_DETECTION_MAPPING
from transformers.utils import logging

from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.files import DESCRIPTION
from lensmith.training.hub.weights import described

# What transformers raises for files that are missing, foreign, broken or need another package.
FAULTS = (
    OSError,
    ValueError,
    ImportError,
    RuntimeError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    msgspec.MsgspecError,
    SafetensorError,
    StrictDataclassError,
)


@contextmanager
def as_unavailable_errors(name: str) -> Iterator[None]:
    """Turn every error of loading a model into BackboneUnavailableError."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    except FAULTS as error:
        why = Skipped(SkipReason.UNUSABLE, detail=_first_sentence(error))
        raise BackboneUnavailableError(name, why) from error


def require_backbone(name: str, folder: Path) -> None:
    """Raises BackboneUnavailableError for a detector, which whole pictures cannot train."""
    if is_detector(name, folder):
        raise BackboneUnavailableError(name, Skipped(SkipReason.IS_A_DETECTOR))


def require_detector(name: str, folder: Path) -> None:
    """Raises BackboneUnavailableError for anything but a detector."""
    if not is_detector(name, folder):
        raise BackboneUnavailableError(name, Skipped(SkipReason.IS_NO_DETECTOR))


def is_detector(name: str, folder: Path) -> bool:
    """Raises BackboneUnavailableError when the folder does not say what it holds."""
    with as_unavailable_errors(name):
        if not (folder / DESCRIPTION).is_file():
            raise ValueError(f"its folder holds no {DESCRIPTION}")
        return type(described(folder)) in MODEL_FOR_OBJECT_DETECTION_MAPPING


def _first_sentence(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0].partition(". ")[0].rstrip(".")
    return text or type(error).__name__
