"""Writes YOLO: one `data.yaml`, and a text file of boxes an image in `labels/SPLIT/`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import yaml
from labelformat.formats import YOLOv8ObjectDetectionOutput

from lensmith.exchange.destinations.labelformat_input import FittedImages, refuse_links
from lensmith.exchange.fitting import Capacity, Fitted
from lensmith.store.files import write_atomically

CAPACITY = Capacity(boxes=True, file_an_image=True)
IMAGES = "images"
TRAIN, VAL = "train", "val"


def write_yolo(splits: Mapping[str, Fitted], folder: Path) -> Path:
    """Write `train`, `val` or both in the layout of YOLO v5 to v12, for images in `images/SPLIT/`.

    Classes are numbered through all splits. Trainers want both names: of one split alone, the
    other one names the same images.
    """
    path = folder / "data.yaml"
    refuse_links(path, folder / "labels")
    labels = list(dict.fromkeys(label for fitted in splits.values() for label in fitted.labels))
    for split, fitted in splits.items():
        images = FittedImages(fitted, labels, partial(image_name, split))
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


def image_name(split: str, name: str) -> str:
    """Return the path of an image below `images/`, in which no further folder is so called.

    Trainers look for its labels where the last `images` of its path says `labels`.
    """
    *folders, file = name.split("/")
    return "/".join([split, *(f"{one}_" if one == IMAGES else one for one in folders), file])
