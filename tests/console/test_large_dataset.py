"""A dataset of 10,001 pictures in the gallery (acceptance 23 and 64)."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect
from tests.console.conftest import TIMEOUT_MS, Watched
from tests.console.drawn_dataset import Fruit, Shop, line
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.store.records.image_page import EXAMINED

ENTRIES = EXAMINED + 1  # of which a search by name is read in two parts
REAL = 40  # pictures that exist
NODES = 600
LABELS = ("apple", "pear", "plum")  # each picture has all, on itself and on boxes


def node_count(page: Page) -> int:
    """Elements of the whole page, with top bar and navigation."""
    return page.locator("body *").count()


def thumbnails(server: LiveServer) -> dict[Path, int]:
    """The inode of each file of the cache: another once it is made again, the same when it is read.

    Those still being written are hidden.
    """
    folder = Settings(server.home / "data").pictures_directory
    return {file: file.stat().st_ino for file in folder.glob("*/[!.]*")}


def await_pictures(page: Page) -> None:
    """Return when each picture in sight is loaded, or has failed, as all but the first do."""
    pictures = page.locator(".image-card img[loading=lazy]")
    complete = "all => all.length > 0 && all.every((one) => one.complete)"
    until(lambda: pictures.evaluate_all(complete), timeout=TIMEOUT_MS / 1000)


def test_23_64_ten_thousand_pictures_are_few_nodes_and_each_thumbnail_is_made_once(
    console: Watched, server: LiveServer, shop: Shop
) -> None:
    bucket = shop.bucket({f"{n:05}.png": Fruit("plum", n).png() for n in range(REAL)})
    name, arn = shop.project()
    refs = [f"s3://{bucket}/{n:05}.png" for n in range(ENTRIES)]
    places = [(name, 30 * at, 20 * at, 40, 30) for at, name in enumerate((*LABELS, LABELS[0]))]
    shop.dataset(arn, bucket, [line(ref, LABELS, places) for ref in refs])
    before = thumbnails(server)
    page = console.open(f"/projects/{name}/datasets?size=500")
    expect(page.get_by_role("heading", name="Images (10,001)")).to_be_visible()
    most = node_count(page)
    for place in (0, 300, 600, 900, 5_000, 50_000):
        page.evaluate("place => scrollTo(0, place)", place)
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
        most = max(most, node_count(page))
    assert most <= NODES
    page.evaluate("scrollTo(0, 0)")
    seen = page.locator(".image-card img[src*='/00000.png']")
    expect(seen).to_be_visible()
    await_pictures(page)
    made = {file: inode for file, inode in thumbnails(server).items() if file not in before}
    assert 0 < len(made) <= REAL
    console.open(f"/projects/{name}/datasets?size=500&name=0000")
    expect(page.get_by_role("heading", name="Images (11)")).to_be_visible()
    expect(page.get_by_role("link", name="10000.png")).to_be_visible()
    await_pictures(page)
    after = thumbnails(server)
    assert {file: after[file] for file in made} == made
    # Of more hits than a page the search counts those that it came by.
    console.open(f"/projects/{name}/datasets?size=20&name=00")
    counted = sum("00" in f"{n:05}" for n in range(EXAMINED))
    expect(page.get_by_role("heading", name=f"Images ({counted:,}+)")).to_be_visible()
    last = -(-counted // 20)
    console.open(f"/projects/{name}/datasets?size=20&name=00&page={last}")
    expect(page.get_by_role("heading", name=f"Images ({counted + 1:,})")).to_be_visible()
