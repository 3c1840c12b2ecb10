"""Loads training pictures as pixels, decoded as serving decodes them."""

from __future__ import annotations

import os
from collections.abc import Sequence

import torch

from lensmith.domain.readable import Readable
from lensmith.inference.artefact import Artefact
from lensmith.inference.image import Pixels, decode, read_header
from lensmith.inference.preprocess import Placement, Size, place, render, rendered

CACHE_BYTES = 1 << 30


def picture_size(path: Readable) -> Size:
    """Read width and height of the upright picture."""
    header = read_header(path.read_bytes())
    return header.width, header.height


def load_picture(path: Readable, working_side: int) -> Pixels:
    """Read upright pixels; a larger picture is scaled until its shorter side has `working_side`."""
    data = path.read_bytes()
    header = read_header(data)
    scale = min(1.0, working_side / min(header.width, header.height))
    size = round(header.width * scale), round(header.height * scale)
    pixels = decode(data, header, at_least=size)
    return pixels if scale == 1.0 else render(pixels, Placement(0, 0, *size), size, fill=0)


def as_served(path: Readable, artefact: Artefact) -> tuple[Pixels, Placement]:
    """Preprocess as serving does: pixels uint8 [h, w, 3] of the input size, and the placement."""
    pixels = load_picture(path, max(artefact.input_size))
    size = pixels.shape[1], pixels.shape[0]
    placement = place(size, artefact.input_size, artefact.preprocessing)
    return rendered(pixels, placement, artefact.input_size, artefact.preprocessing), placement


class PictureCache:
    """Caches decoded pictures, up to `CACHE_BYTES`."""

    def __init__(self, paths: Sequence[Readable], working_side: int) -> None:
        self._paths = paths
        self._working_side = working_side
        self._kept: dict[int, Pixels] = {}
        self._free = CACHE_BYTES

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Pixels:
        if index in self._kept:
            return self._kept[index]
        picture = load_picture(self._paths[index], self._working_side)
        if picture.nbytes <= self._free:
            self._kept[index] = picture
            self._free -= picture.nbytes
        return picture


def use_threads(wanted: int) -> int:
    """Set the number of PyTorch threads: `wanted`, or one for each core of this process if 0."""
    threads = wanted or len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    return threads
