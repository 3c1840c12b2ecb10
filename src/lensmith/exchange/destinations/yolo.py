"""Writes YOLO: `data.yaml`, and a text file of boxes an image in `labels/`."""

from __future__ import annotations

from pathlib import Path

from labelformat.formats import YOLOv8ObjectDetectionOutput

from lensmith.exchange.destinations.labelformat_input import FittedImages, refuse_links
from lensmith.exchange.fitting import Capacity, Fitted

CAPACITY = Capacity(boxes=True, file_an_image=True)
IMAGES = "images"


def write_yolo(fitted: Fitted, folder: Path, split: str) -> Path:
    """Write the layout of YOLO v5 to v12 with one split, whose images are in `images/`."""
    path = folder / "data.yaml"
    refuse_links(path, folder / "labels")
    YOLOv8ObjectDetectionOutput(path, split).save(FittedImages(fitted))
    return path
