"""Writes YOLO: one `data.yaml`, and a text file of boxes an image in `labels/SPLIT/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath

import yaml
from labelformat.formats import YOLOv8ObjectDetectionOutput

from lensmith.exchange.destinations.labelformat_input import FittedImages, refuse_links
from lensmith.exchange.fitting import Capacity, Fitted
from lensmith.store.files import write_atomically

IMAGES = "images"
TRAIN, VAL = "train", "val"

_ENDINGS = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})  # trainers' own


def trainable_name(key: str) -> str:
    """Return a file name that trainers find: they look for pictures by ending, hidden ones left
    out, and for labels where the last `images` of a path says `labels`."""
    *folders, file = key.split("/")
    if PurePosixPath(file).suffix.lower() not in _ENDINGS:
        file += ".jpg"  # readers go by the content
    parts = [*(f"{one}_" if one == IMAGES else one for one in folders), file]
    return "/".join(f"_{part}" if _is_hidden(part) else part for part in parts)


def in_split(split: str, name: str) -> str:
    """Return the path of an image below `images/`."""
    return f"{split}/{name}"


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part not in {".", ".."}  # those lead out and are refused


CAPACITY = Capacity(boxes=True, file_an_image=True, file_name=trainable_name)


def write_yolo(splits: Mapping[str, Fitted], folder: Path) -> Path:
    """Write `train`, `val` or both in the layout of YOLO v5 to v12, for images in `images/SPLIT/`.

    Classes are numbered through all splits. Trainers want both names: of one split alone, the
    other one names the same images.
    """
    path = folder / "data.yaml"
    refuse_links(path, folder / "labels")
    labels = list(dict.fromkeys(label for fitted in splits.values() for label in fitted.labels))
    for split, fitted in splits.items():
        images = FittedImages(fitted, labels, partial(in_split, split))
        YOLOv8ObjectDetectionOutput(path, split).save(images)
    only = next(iter(splits))
    configuration = {
        **{name: f"{IMAGES}/{name if name in splits else only}" for name in (TRAIN, VAL)},
        "nc": len(labels),
        "names": dict(enumerate(labels)),
    }  # without `path`, which trainers resolve elsewhere
    text = yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True)
    write_atomically(path, text.encode())
    return path
