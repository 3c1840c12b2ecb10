"""A file in the format `CVAT for images 1.1`."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.images import Images
from lensmith.exchange.sources.source import Source, read_file
from lensmith.manifest.convert.cvat import read_cvat
from lensmith.manifest.convert.label_attributes import Origin


def open_cvat(file: Path, origin: Origin, images: Images) -> Source:
    """Open a file; sizes that it does not give are read from the images."""
    drafts = read_cvat(read_file(file), origin, images.size_of)
    return Source(drafts, f"{file.stem}.manifest")
