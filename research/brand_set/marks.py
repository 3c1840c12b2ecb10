"""Open brand marks as stencils, from the npm package simple-icons (CC0)."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

PACKAGES = ("simple-icons@16.37.0", "@resvg/resvg-js@2.6.2")
NAMES = "bluetooth,debian,docker,gitlab,kubernetes,postgresql,python,rust"
SIDE = 512
_SCRIPT = Path(__file__).with_name("marks.mjs")

Colour = tuple[int, int, int]
Stencil = NDArray[np.float32]
"""[h, w] in 0..1, without any margin."""


@dataclass(frozen=True, slots=True)
class BrandMark:
    name: str
    stencil: Stencil
    colour: Colour  # the brand's own


def fetch_marks(folder: Path, names: Sequence[str]) -> list[BrandMark]:
    """Install the packages into `folder` and draw the marks of these slugs there.

    Raises FileNotFoundError without npm and node, CalledProcessError when either fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")
    _run(["npm", "install", "--silent", "--no-audit", "--no-fund", *PACKAGES], folder)
    _run(["node", str(_SCRIPT), str(SIDE), str(folder), *names], folder)
    colours = msgspec.json.decode((folder / "colours.json").read_bytes(), type=dict[str, str])
    return [
        BrandMark(name, _stencil(folder / f"{name}.png"), _colour(colours[name])) for name in names
    ]


def _run(argv: list[str], folder: Path) -> None:
    subprocess.run(argv, cwd=folder, check=True, timeout=300)


def _stencil(path: Path) -> Stencil:
    ink = Image.open(path).getchannel("A")
    box = ink.point(lambda value: 255 * (value > 127)).getbbox()
    return np.asarray(ink.crop(box), np.float32) / np.float32(255)


def _colour(hexadecimal: str) -> Colour:
    red, green, blue = bytes.fromhex(hexadecimal)
    return red, green, blue
