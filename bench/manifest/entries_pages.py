"""ListDatasetEntries through boto3: 95th percentile of a page at 1,000 and at 250,000 entries.

Every filter alone matches at least one full page at both sizes, so that both answer as much.

`python -m bench entries_pages` prints the table and writes bench/results/entries_pages.json.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer

from bench.outcomes import write_results
from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.store.records import datasets, entries, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex, Mention

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

SIZES = (1_000, 250_000)
PAGES = 60  # of each combination
_BATCH = 5_000
_LINE_BYTES = 4_000


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = LiveServer(Path(directory))
        server.start()
        try:
            rows = _measure(server)
        finally:
            server.stop()
    _show(rows)
    write_results("entries_pages", rows)


def _measure(server: LiveServer) -> list[dict[str, Any]]:
    records = Records.open(f"sqlite:///{server.home / 'data' / 'records.db'}")
    filled = {size: _fill(records, size) for size in SIZES}
    records.close()
    rekognition = server.rekognition()
    rows = []
    for filters in _combinations():
        times = {size: _percentile(rekognition, filled[size], size, filters) for size in SIZES}
        rows.append(
            {"filters": " + ".join(filters) or "none", **{str(k): v for k, v in times.items()}}
        )
    return rows


def _fill(records: Records, size: int) -> Dataset:
    with records.write() as connection:
        project = projects.create(connection, "000000000000", "us-east-1", f"orchard-{size}")
        dataset = datasets.create(
            connection, project, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, "-"
        )
        label_index = LabelIndex.open(connection, dataset.id)
    placed = enumerate(drawn_entries(size, _LINE_BYTES))
    while batch := list(islice(placed, _BATCH)):
        with records.write() as connection:
            entries.add(connection, label_index, batch)
    with records.write() as connection:
        label_index.save(connection)
        entries.refresh_stats(connection, dataset.id)
    return dataset


def drawn_entries(size: int, line_bytes: int) -> Iterator[NewEntry]:
    """Half have errors, a quarter no label, the others one of five labels."""
    draw = random.Random(0)
    padding = "x" * line_bytes
    for number in range(size):
        ref = f"s3://orchard/images/row-{number % 7}/tree_{number:07d}.jpg"
        labeled = draw.random() > 0.25
        mentions = {f"label-{draw.randrange(5)}": Mention.ON_BOX} if labeled else {}
        line = f'{{"source-ref":"{ref}","note":"{padding}"}}'
        yield NewEntry(ref, line, labeled, draw.random() < 0.5, mentions)


def _combinations() -> Iterator[tuple[str, ...]]:
    labels = ("", "label", "3 labels")
    texts = ("", "folder", "one file", "absent")
    for words in product(labels, ("", "labelled", "unlabelled"), texts, ("", "errors")):
        yield tuple(filter(None, words))


def _request(size: int, filters: tuple[str, ...]) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "label": {"ContainsLabels": ["label-1"]},
        "3 labels": {"ContainsLabels": ["label-1", "label-2", "label-3"]},
        "labelled": {"Labeled": True},
        "unlabelled": {"Labeled": False},
        "folder": {"SourceRefContains": "/row-1"},
        "one file": {"SourceRefContains": f"tree_{size - 9:07d}"},
        "absent": {"SourceRefContains": "###"},
        "errors": {"HasErrors": True},
    }
    request: dict[str, Any] = {}
    for word in filters:
        request |= given[word]
    return request


def _percentile(
    rekognition: RekognitionClient, dataset: Dataset, size: int, filters: tuple[str, ...]
) -> float:
    """Milliseconds of a call; pages are walked from the first, starting over after the last."""
    request, times, token = _request(size, filters), [], ""
    for _ in range(PAGES):
        begun = time.perf_counter()
        page = rekognition.list_dataset_entries(DatasetArn=dataset.arn, NextToken=token, **request)
        times.append((time.perf_counter() - begun) * 1e3)
        token = page.get("NextToken", "")
    return round(quantiles(times, n=20)[-1], 2)


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("filters", *(f"{size:,} entries (ms)" for size in SIZES), "ratio")
    for row in rows:
        small, large = (row[str(size)] for size in SIZES)
        table.add_row(row["filters"], f"{small:.2f}", f"{large:.2f}", f"{large / small:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
