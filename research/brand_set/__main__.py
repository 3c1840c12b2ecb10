"""Draws the set of the brand benchmark into a folder."""

from __future__ import annotations

import shutil
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from bench.image_sets import folder_of

from research.brand_set.brand_set import PHOTO_SETS, write_set
from research.brand_set.marks import NAMES, fetch_marks

SEED = 0


def main() -> None:
    """Draw the set; ends with a message where a program or photographs are missing."""
    parser = ArgumentParser("python -m research.brand_set")
    parser.add_argument("folder", type=Path, help="to be made")
    parser.add_argument("--marks", default=NAMES, help="slugs of simple-icons")
    options = parser.parse_args()
    if missing := _missing():
        sys.exit(f"Not found: {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as name:
        marks = fetch_marks(Path(name), options.marks.split(","))
        write_set(options.folder, marks, folder_of("."), SEED)


def _missing() -> list[str]:
    """List the programs and the sets of photographs that are missing."""
    programs = [name for name in ("node", "npm") if shutil.which(name) is None]
    photographs = [name for name in PHOTO_SETS if not (folder_of(name) / "images").is_dir()]
    return programs + [f"LENSMITH_DATA/{name}" for name in photographs]


if __name__ == "__main__":
    main()
