"""The pictures that scenes are made of, from packages of a fixed version."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from sklearn.datasets import load_sample_images

from lensmith.inference.image import Pixels
from lensmith.training.data.pictures import load_picture

OBJECTS = "@lobehub/fluent-emoji-3d@1.1.0"  # MIT
PHOTOGRAPHS = "scikit-image==0.26.0"  # BSD-3-Clause; of the pictures see decision 0012
PHOTOGRAPH_NAMES = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "retina.jpg",
    "rocket.jpg",
    "text.png",
)
LARGEST_SIDE = 4096  # no photograph is larger, so each keeps its pixels


def fetch_objects(folder: Path) -> list[Path]:
    """Pictures of rendered objects, webp with alpha, in the order of their names.

    Raises FileNotFoundError without npm, CalledProcessError when it fails.
    """
    _run(["npm", "pack", "--silent", "--pack-destination", str(folder), OBJECTS])
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return sorted((folder / "package" / "assets").glob("*.webp"))


def fetch_photographs(folder: Path) -> list[Pixels]:
    """The photographs of scikit-image's wheel, which is not installed, and scikit-learn's two.

    Raises CalledProcessError when pip fails.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--only-binary=:all:", "--dest", str(folder), PHOTOGRAPHS])
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as packed:
        paths = [packed.extract(f"skimage/data/{name}", folder) for name in PHOTOGRAPH_NAMES]
    fetched = [load_picture(Path(path), LARGEST_SIDE) for path in paths]
    return [*fetched, *load_sample_images().images]


def _run(argv: Sequence[str]) -> None:
    subprocess.run(argv, check=True, timeout=600, stdout=subprocess.DEVNULL)
