"""A COCO JSON file."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.images import Images
from lensmith.exchange.sources.source import Source, read_file
from lensmith.manifest.convert.coco import read_coco
from lensmith.manifest.convert.label_attributes import Origin


def open_coco(file: Path, origin: Origin, images: Images, *, follow_urls: bool) -> Source:
    """Open a COCO file; sizes that it does not give are read from the images."""
    drafts = read_coco(read_file(file), origin, follow_urls=follow_urls, size_of=images.size_of)
    return Source(drafts, f"{file.stem}.manifest")
