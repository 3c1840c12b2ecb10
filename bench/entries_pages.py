"""ListDatasetEntries: 95th percentile of a page at 1,000 and at 250,000 entries, every filter.

`python -m bench.entries_pages` prints the table and writes bench/results/entries_pages.json.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from statistics import quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.store.records import datasets, entries, projects
from lensmith.store.records.engine import Records
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import Ledger, Mention
from lensmith.store.records.schema import migrate

SIZES = (1_000, 250_000)
PAGES = 150  # of each combination
RESULTS = Path(__file__).parent / "results"
_BATCH = 5_000
_LINE_BYTES = 4_000


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        records = Records.open(f"sqlite:///{directory}/records.db")
        migrate(records)
        measured = {size: _measure(records, _fill(records, size)) for size in SIZES}
        records.close()
    rows = [
        {"filters": name, **{str(size): measured[size][name] for size in SIZES}}
        for name in measured[SIZES[0]]
    ]
    _show(rows)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "entries_pages.json").write_text(json.dumps(rows, indent=1))


def _fill(records: Records, size: int) -> Dataset:
    with records.write() as connection:
        project = projects.create(connection, "000000000000", "us-east-1", f"orchard-{size}")
        dataset = datasets.create(
            connection, project, DatasetType.TRAIN, DatasetStatus.CREATE_COMPLETE, "-"
        )
        ledger = Ledger.open(connection, dataset.id)
    placed = enumerate(_entries(size))
    while batch := list(islice(placed, _BATCH)):
        with records.write() as connection:
            entries.add(connection, ledger, batch)
    with records.write() as connection:
        ledger.save(connection)
        entries.refresh_stats(connection, dataset.id)
    return dataset


def _entries(size: int) -> Iterator[NewEntry]:
    """One in 50 has errors, one in 5 has no label, 100 labels of which `rare` is on one in 500."""
    draw = random.Random(0)
    padding = "x" * _LINE_BYTES
    for number in range(size):
        ref = f"s3://orchard/images/row-{number % 97}/tree_{number:07d}.jpg"
        label = "rare" if number % 500 == 0 else f"label-{draw.randrange(99)}"
        labeled = draw.random() > 0.2
        mentions = {label: Mention.ON_BOX} if labeled else {}
        line = f'{{"source-ref":"{ref}","note":"{padding}"}}'
        yield NewEntry(ref, line, labeled, draw.random() < 0.02, mentions)


def _combinations(size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    labels = {"": (), "label": ("label-7",), "10 labels": tuple(f"label-{n}" for n in range(10))}
    texts = {"": None, "folder": "/row-8", "one file": f"tree_{size - 9:07d}", "absent": "###"}
    for label, labeled, text, errors in product(labels, (None, True, False), texts, (False, True)):
        words = [
            label,
            "" if labeled is None else ("labelled" if labeled else "unlabelled"),
            text,
            "errors" if errors else "",
        ]
        yield (
            " + ".join(filter(None, words)) or "none",
            {
                "contains_labels": labels[label],
                "labeled": labeled,
                "source_ref_contains": texts[text],
                "has_errors": errors,
            },
        )


def _measure(records: Records, dataset: Dataset) -> dict[str, float]:
    size = _size(records, dataset)
    return {name: _percentile(records, dataset, filters) for name, filters in _combinations(size)}


def _size(records: Records, dataset: Dataset) -> int:
    with records.read() as connection:
        return entries.next_position(connection, dataset.id)


def _percentile(records: Records, dataset: Dataset, filters: dict[str, Any]) -> float:
    """Milliseconds; pages are walked from the first, starting over after the last."""
    times, after = [], None
    for _ in range(PAGES):
        begun = time.perf_counter()
        with records.read() as connection:
            page = entries.page(connection, dataset.id, after=after, limit=100, **filters)
        times.append((time.perf_counter() - begun) * 1e3)
        after = page.next_position
    return round(quantiles(times, n=20)[-1], 3)


def _show(rows: list[dict[str, Any]]) -> None:
    table = Table("filters", *(f"{size:,} entries (ms)" for size in SIZES), "ratio")
    for row in rows:
        small, large = (row[str(size)] for size in SIZES)
        table.add_row(row["filters"], f"{small:.2f}", f"{large:.2f}", f"{large / small:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
