"""The console in Chromium: a large gallery, the editor, thumbnails, uploads, size.

`python -m bench console` prints a table and writes bench/results/console.json. Aims: first page
under 2 s, 12 ms of main thread a frame, uploads at 0.8 of `aws s3 cp` (console.md 2, items 23, 61).
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table
from tests.console.drawn_dataset import Shop, line
from tests.support.live_server import BIN, LiveServer

import lensmith
from bench.console.browser import main_thread_ms, next_frame, signed_in
from bench.console.pictures import SIDE, photograph
from bench.console.smallest_page import seconds_of_smallest_page
from bench.outcomes import write_results
from lensmith.config import Settings

ENTRIES = 10_000
BOXES = 200  # a dataset may have them, though training takes 50 of a picture
FRAMES = 60
THUMBNAILS = 100
MEGA = 1e6
LARGE_MANIFEST = 1_181_116_006  # bytes: 1.1 GiB, of which 1 is allowed


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench console")
    parser.add_argument("--uploads", type=int, default=500, help="pictures to upload")
    parser.add_argument("--turns", type=int, default=1, help="how often all of them go up")
    parser.add_argument("--thumbnails", type=int, default=THUMBNAILS, help="pictures to look at")
    parser.add_argument("--manifest", action="store_true", help="also one of 1.1 GB (item 15)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        server = LiveServer(Path(directory) / "server")
        server.start()
        try:
            with signed_in(server) as page:
                bench = _Bench(server, page, Path(directory))
                results = {
                    **entry_script(),
                    **bench.gallery(),
                    **bench.editor(),
                    **bench.thumbnails(options.thumbnails),
                    **bench.uploads(options.uploads, options.turns),
                    **(bench.large_manifest() if options.manifest else {}),
                }
        finally:
            server.stop()
    table = Table("figure", "value", box=None)
    for name, value in results.items():
        table.add_row(name, f"{value:,.1f}" if isinstance(value, float) else f"{value:,}")
    Console().print(table)
    write_results("console", results)


def entry_script() -> dict[str, Any]:
    """Bytes, gzip, of the scripts that the page itself names."""
    built = Path(lensmith.__file__).parent / "console"
    names = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', (built / "index.html").read_text())
    sizes = [len(gzip.compress((built / name).read_bytes(), 6)) for name in names]
    return {"entry script, kB gzip": sum(sizes) / 1000}


class _Bench:
    def __init__(self, server: LiveServer, page: Page, folder: Path) -> None:
        self._page, self._folder, self._server = page, folder, server
        self._url = f"http://127.0.0.1:{server.port}"
        self._shop = Shop(server.rekognition(), server.s3())

    def gallery(self) -> dict[str, Any]:
        """Pages of 500 of 10,000 entries; the pictures of the first are there."""
        name, arn = self._shop.project()
        bucket = self._shop.bucket({f"{n:05}.jpg": photograph(n) for n in range(24)})
        lines = [line(f"s3://{bucket}/{n:05}.jpg", [f"label {n % 9}"]) for n in range(ENTRIES)]
        self._shop.dataset(arn, bucket, lines)
        start = time.perf_counter()
        self._page.goto(f"{self._url}/projects/{name}/datasets?size=500")
        self._page.wait_for_selector("[data-testid=image-card]")
        first = time.perf_counter() - start

        def scroll(number: int) -> None:
            self._page.evaluate("place => scrollTo(0, place)", 120 * number)

        frame = main_thread_ms(self._page, FRAMES, scroll)
        nodes = []
        for number in range(FRAMES):
            scroll(number)
            next_frame(self._page)
            nodes.append(self._page.locator("body *").count())
        return {
            "gallery of 10,000: seconds to the first card": first,
            "gallery: nodes of the whole page, at most": max(nodes),
            "gallery: main-thread CPU ms a frame of scrolling": frame,
        }

    def editor(self) -> dict[str, Any]:
        """Wheel steps over a picture with 200 boxes."""
        name, arn = self._shop.project()
        bucket = self._shop.bucket({"crowd.jpg": photograph(0)})
        places = [("bolt", 10 + 75 * (n % 20), 10 + 110 * (n // 20), 60, 90) for n in range(BOXES)]
        entry = line(f"s3://{bucket}/crowd.jpg", boxes=places)
        entry["fruit"]["image_size"] = [{"width": SIDE[0], "height": SIDE[1], "depth": 3}]
        self._shop.dataset(arn, bucket, [entry])
        self._page.goto(f"{self._url}/projects/{name}/label/train")
        self._page.get_by_test_id("tile").click()
        self._page.get_by_test_id("draw-boxes").click()
        self._page.get_by_test_id("tips-close").click()
        self._page.locator(".box-shape").nth(BOXES - 1).wait_for(state="attached")
        self._page.mouse.move(500, 400)

        def zoom(number: int) -> None:
            self._page.mouse.wheel(0, -60 if number % 20 < 10 else 60)

        return {
            "editor, 200 boxes: main-thread CPU ms a wheel step": main_thread_ms(
                self._page, FRAMES, zoom
            )
        }

    def thumbnails(self, count: int) -> dict[str, Any]:
        """Pictures that were not looked at before, a second, and whether each is made once."""
        name, arn = self._shop.project()
        bucket = self._shop.bucket({f"{n:05}.jpg": photograph(1000 + n) for n in range(count)})
        lines = [line(f"s3://{bucket}/{n:05}.jpg") for n in range(count)]
        self._shop.dataset(arn, bucket, lines)
        before = self._cached()
        start = time.perf_counter()
        self._page.goto(f"{self._url}/projects/{name}/datasets?size=500")
        self._page.wait_for_selector("[data-testid=image-card]")
        place = 0
        while len(self._cached()) < len(before) + count:
            place = (place + 500) % 20_000
            self._page.evaluate("place => scrollTo(0, place)", place)
            next_frame(self._page)
        seconds = time.perf_counter() - start
        made = self._cached()
        self._page.goto(f"{self._url}/projects/{name}/datasets?size=500")
        self._page.wait_for_selector("[data-testid=image-card]")
        self._page.wait_for_load_state("networkidle")
        return {
            "thumbnails of 1600 x 1200 a second": count / seconds,
            "thumbnails: made again on a second visit": sum(
                after != made.get(file) for file, after in self._cached().items()
            ),
        }

    def uploads(self, count: int, turns: int) -> dict[str, Any]:
        """The same files through the console, the smallest page and `aws s3 cp --recursive`.

        Medians over the turns, each of which has all three.
        """
        folder = self._folder / "pictures"
        folder.mkdir()
        for number in range(count):
            (folder / f"{number:04}.jpg").write_bytes(photograph(5000 + number))
        files = sorted(folder.iterdir())
        size = sum(file.stat().st_size for file in files) / MEGA
        rates = [
            (
                size / self._console_seconds(files),
                size
                / seconds_of_smallest_page(self._page, self._server, self._shop.bucket({}), files),
                size / self._command_line_seconds(folder),
            )
            for _ in range(turns)
        ]
        console, smallest, command_line = zip(*rates, strict=True)
        return {
            f"upload of {count} pictures, MB": size,
            "upload: console, MB/s": median(console),
            "upload: smallest page, MB/s": median(smallest),
            "upload: aws s3 cp, MB/s": median(command_line),
            "upload: share": median(rate[0] / rate[2] for rate in rates),
        }

    def _console_seconds(self, files: list[Path]) -> float:
        """Until all are in the dataset and the page says so."""
        name, arn = self._shop.project()
        self._shop.empty_dataset(arn)
        self._page.goto(f"{self._url}/projects/{name}/datasets")
        self._page.get_by_test_id("add-first-images").click()
        self._page.locator("input[type=file]").first.set_input_files(files)
        self._page.get_by_test_id("upload").click(timeout=600_000)
        start = time.perf_counter()
        self._page.get_by_text("images were added.").wait_for(timeout=600_000)
        return time.perf_counter() - start

    def _command_line_seconds(self, folder: Path) -> float:
        """Until they are in a bucket; no dataset."""
        bucket = self._shop.bucket({})
        command = [str(BIN / "aws"), "s3", "cp", "--quiet", "--recursive", str(folder)]
        environment = self._server.environment()  # asks the server, which takes half a second
        start = time.perf_counter()
        subprocess.run([*command, f"s3://{bucket}/"], check=True, env=environment)
        return time.perf_counter() - start

    def large_manifest(self) -> dict[str, Any]:
        """A manifest of 1.1 GB, which is refused: until the page says why."""
        file = self._folder / "large.manifest"
        entry = json.dumps(line("s3://farm/apple.jpg", ["apple"])).encode() + b"\n"
        block = entry * 10_000
        with file.open("wb") as written:
            while written.tell() < LARGE_MANIFEST:
                written.write(block)
        bucket, (name, _) = self._shop.bucket({}), self._shop.project()
        self._shop.s3.upload_file(str(file), bucket, file.name)
        self._page.goto(f"{self._url}/projects/{name}/datasets/create")
        self._page.get_by_role("radio", name=re.compile("Ground Truth")).check()
        field = self._page.get_by_test_id("object-uri").get_by_role("textbox")
        field.fill(f"s3://{bucket}/{file.name}")
        start = time.perf_counter()
        self._page.get_by_test_id("create-dataset").click()
        failed = self._page.get_by_test_id("import-failed")
        failed.get_by_text("ERROR_MANIFEST_SIZE_TOO_LARGE").wait_for(timeout=600_000)
        return {"manifest of 1.1 GB: seconds until it is refused": time.perf_counter() - start}

    def _cached(self) -> dict[Path, int]:
        """When each thumbnail was written."""
        folder = Settings(self._server.home / "data").pictures_directory
        return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}
