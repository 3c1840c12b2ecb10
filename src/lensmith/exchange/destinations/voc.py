"""Writes Pascal VOC: an XML file an image in `Annotations/`."""

from __future__ import annotations

from pathlib import Path

from labelformat.formats import PascalVOCObjectDetectionOutput

from lensmith.exchange.destinations.labelformat_input import FittedImages, refuse_links
from lensmith.exchange.fitting import Capacity, Fitted

CAPACITY = Capacity(boxes=True, needs_size=True, file_an_image=True, xml=True)
IMAGES = "JPEGImages"


def write_voc(fitted: Fitted, folder: Path) -> Path:
    path = folder / "Annotations"
    refuse_links(path)
    for image in fitted.images:  # the writer makes no folders below its own
        (path / image.name).parent.mkdir(parents=True, exist_ok=True)
    PascalVOCObjectDetectionOutput(path).save(FittedImages(fitted))
    return path
