"""60 pictures of 10 labels, trained, evaluated and saved by a training job of a live server.

`LENSMITH_DATA=../shared/data python -m bench sixty` takes the first 6 pictures a label of grocery,
without LENSMITH_DATA drawn flowers in three colourings. The aim is under 60 seconds on two cores.
Prints the table and writes bench/results/sixty.json.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

from PIL import Image
from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer

from bench.drawn.drawn_image import DrawnImage
from bench.drawn.flowers import FLOWERS
from bench.outcomes import write_results
from bench.training import measure
from lensmith.manifest.line.validate import check_line

LABELS, A_LABEL = 10, 6
SET = "grocery"
PARTS = ("train", "test")
_COLOURINGS = {"": "RGB", "-night": "BRG", "-dream": "GBR"}  # which channels become R, G, B


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder = home / "sixty"
        (folder / "images").mkdir(parents=True)
        if "LENSMITH_DATA" in os.environ:
            take(Path(os.environ["LENSMITH_DATA"]) / SET, folder)
        else:
            draw(folder)
        server = LiveServer(home / "server")
        server.start()
        try:
            row = measure(server, folder)
        finally:
            server.stop()
    write_results("sixty", row)
    table = Table("seconds from start to saved", "F1", "top-1")
    table.add_row(*(f"{row[key]:g}" for key in ("training_seconds", "f1", "top1")))
    Console().print(table)


def take(source: Path, folder: Path) -> None:
    """Copy the first pictures of each label of both parts."""
    for part in PARTS:
        counts: Counter[str] = Counter()
        kept = []
        for line in (source / f"{part}.manifest").read_bytes().splitlines():
            checked = check_line(line)
            (label,) = checked.label_names
            counts[label] += 1
            if counts[label] <= A_LABEL and checked.source_ref is not None:
                file = checked.source_ref.rpartition("/")[2]
                shutil.copy(source / "images" / file, folder / "images" / file)
                kept.append(line.replace(f"/{source.name}/images/".encode(), b"/sixty/images/"))
        (folder / f"{part}.manifest").write_bytes(b"\n".join(kept))


def draw(folder: Path) -> None:
    """Flowers, recoloured until there are enough labels."""
    for part in PARTS:
        lines = []
        for number in range(LABELS * A_LABEL):
            picture = _picture(part, number)
            (folder / "images" / picture.name).write_bytes(picture.jpeg())
            lines.append(picture.manifest_line("s3://BUCKET/sixty/images"))
        (folder / f"{part}.manifest").write_text("\n".join(lines))


def _picture(part: str, number: int) -> DrawnImage:
    """Of label `number` modulo 10: the kind of flower and its colouring."""
    colouring, kind = divmod(number % LABELS, len(FLOWERS.labels))
    suffix, channels = list(_COLOURINGS.items())[colouring]
    drawn = FLOWERS.draw(Random(f"{part} {number}"), kind)
    bands = dict(zip("RGB", drawn.image.convert("RGB").split(), strict=True))
    return replace(
        drawn,
        name=f"{part}-{number:02d}.jpg",
        image=Image.merge("RGB", [bands[channel] for channel in channels]),
        label=f"{drawn.label}{suffix}",
    )


if __name__ == "__main__":
    main()
