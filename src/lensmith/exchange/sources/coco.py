"""A COCO JSON file."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.sources.source import Source, folders_beside, read_file
from lensmith.manifest.convert.coco import read_coco
from lensmith.manifest.convert.label_attributes import Origin


def open_coco(file: Path, origin: Origin, *, follow_urls: bool) -> Source:
    drafts = read_coco(read_file(file), origin, follow_urls=follow_urls)
    return Source(drafts, folders_beside(file), f"{file.stem}.manifest")
