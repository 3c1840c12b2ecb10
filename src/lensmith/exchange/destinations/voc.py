"""Pascal VOC: an XML file an image in `Annotations/`."""

from __future__ import annotations

from pathlib import Path

from labelformat.formats import PascalVOCObjectDetectionOutput

from lensmith.exchange.destinations.labelformat_input import PicturesAsInput, refuse_links
from lensmith.exchange.fitting import Capacity, Fitted

CAPACITY = Capacity(boxes=True, needs_size=True, file_an_image=True, xml=True)
IMAGES = "JPEGImages"


def write_voc(fitted: Fitted, folder: Path) -> Path:
    path = folder / "Annotations"
    refuse_links(path)
    for picture in fitted.pictures:  # the writer makes no folders below its own
        (path / picture.name).parent.mkdir(parents=True, exist_ok=True)
    PascalVOCObjectDetectionOutput(path).save(PicturesAsInput(fitted))
    return path
