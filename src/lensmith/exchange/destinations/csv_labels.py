"""Writes CSV of image-level labels: a row an image, its labels after it."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.destinations.whole_file import whole_file
from lensmith.exchange.fitting import Capacity, Fitted
from lensmith.manifest.convert.csv_labels import write_rows

CAPACITY = Capacity(image_labels=True)
IMAGES = "images"


def write_csv(fitted: Fitted, folder: Path, *, with_images: bool) -> Path:
    """Write `labels.csv`; without the images themselves the first column holds their locations."""
    path = folder / "labels.csv"
    with whole_file(path) as file:
        for image in fitted.images:
            named = image.name if with_images else image.source_ref
            file.write(write_rows([(named, *image.labels)]))
    return path
