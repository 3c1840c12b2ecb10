"""An export of Label Studio: JSON, JSON-MIN or CSV."""

from __future__ import annotations

from pathlib import Path

from lensmith.exchange.images import Images
from lensmith.exchange.sources.source import Source, read_file
from lensmith.manifest.convert.label_attributes import Origin
from lensmith.manifest.convert.label_studio import read_label_studio


def open_label_studio(file: Path, origin: Origin, images: Images) -> Source:
    """Open a file; sizes that it does not give are read from the images."""
    drafts = read_label_studio(read_file(file), origin, images.size_of)
    return Source(drafts, f"{file.stem}.manifest")
