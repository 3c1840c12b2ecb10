"""Writes the Ground Truth manifest: every stored line without the keys the service added."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lensmith.exchange.destinations.whole_file import whole_file
from lensmith.manifest.dataset.entry import manifest_line

IMAGES = "images"


def write_ground_truth(lines: Iterable[str], folder: Path, done: Callable[[], None]) -> Path:
    path = folder / "dataset.manifest"
    with whole_file(path) as file:
        for line in lines:
            file.write(manifest_line(line) + b"\n")
            done()
    return path
