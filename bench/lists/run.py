"""Lists of 10,000 projects and 1,000,000 entries against a small installation's.

Each call goes in turns to two servers, one on each. What the servers read by themselves is read
here, by the same functions. `python -m bench lists [--sqlite]`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer
from tests.support.postgresql import database, stoppable_postgresql
from tests.support.signed_caller import SignedCaller

from bench.lists.filling import LARGE, SMALL, Size, fill
from bench.outcomes import write_results
from lensmith.domain.job import JobKind
from lensmith.domain.project_version import HOSTED
from lensmith.metrics.running_units import sample_units
from lensmith.serving.fleet import Load
from lensmith.store.records import (
    artefacts,
    jobs,
    leases,
    nodes,
    placed_units,
    project_versions,
    router_loads,
)
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

Call = Callable[[], object]
_PAGE = 100
_DEEP = 300
_PARTS = ("aws", "console", "own")
_MOST = 200  # datasets of a page: all that the small installation has


@dataclass
class Installation:
    """A server on filled records."""

    server: LiveServer
    records: Records
    dataset: str
    size: Size
    calls: dict[str, Call] = field(default_factory=dict)

    def prepare(self, parts: Sequence[str]) -> None:
        """Find the pages to ask for, so that one request is all that is measured."""
        if "aws" in parts:
            self.calls |= _aws_calls(self.server.rekognition(), self.dataset)
        if "console" in parts:
            self.calls |= _console_calls(SignedCaller(self.server), self.size)
        if "own" in parts:
            self.calls |= _own_reads(self.records)


def _aws_calls(client: RekognitionClient, dataset: str) -> Iterator[tuple[str, Call]]:
    page = {"MaxResults": _PAGE}
    first = client.describe_projects(ProjectNames=["first"])["ProjectDescriptions"][0]["ProjectArn"]

    def on(method: str, **request: Any) -> Call:
        call = getattr(client, method)
        return lambda: call(**request)

    yield "DescribeProjects, first page", on("describe_projects", **page)
    yield (
        "DescribeProjects, last page",
        on("describe_projects", NextToken=_last(client.describe_projects, **page), **page),
    )
    yield "DescribeProjects, by name", on("describe_projects", ProjectNames=["orchard-7"])
    versions = {"ProjectArn": first, **page}
    yield "DescribeProjectVersions", on("describe_project_versions", **versions)
    yield "DescribeDataset", on("describe_dataset", DatasetArn=dataset)
    yield "ListDatasetLabels", on("list_dataset_labels", DatasetArn=dataset, **page)
    entries = {"DatasetArn": dataset, **page}
    yield "ListDatasetEntries, first page", on("list_dataset_entries", **entries)
    token = _last(client.list_dataset_entries, **entries)
    yield "ListDatasetEntries, deep page", on("list_dataset_entries", NextToken=token, **entries)
    for name, given in _FILTERS.items():
        yield f"ListDatasetEntries, {name}", on("list_dataset_entries", **entries, **given)


_FILTERS: dict[str, dict[str, Any]] = {
    "of a label": {"ContainsLabels": ["label-1"]},
    "of a label, with errors": {"ContainsLabels": ["label-1"], "HasErrors": True},
    "with errors": {"HasErrors": True},
    "without labels": {"Labeled": False},
    "of a folder": {"SourceRefContains": "/row-1"},
    "of no file": {"SourceRefContains": "###"},
}


def _last(call: Callable[..., Any], **request: Any) -> str:
    """Return the token of the last page that is full, or of the 300th."""
    token, before = "", ""
    for _ in range(_DEEP):
        answer = call(NextToken=token, **request)
        if "NextToken" not in answer:
            return before
        before, token = token, answer["NextToken"]
    return before


def _console_calls(caller: SignedCaller, size: Size) -> Iterator[tuple[str, Call]]:
    def on(path: str, **query: Any) -> Call:
        given = {name: value for name, value in query.items() if value != ""}
        text = "&".join(f"{name}={quote(str(value))}" for name, value in given.items())

        def call() -> None:
            status, body = caller.send("GET", f"/_lensmith/{path}?{text}")
            assert status == 200, body

        return call

    gallery = "projects/first/datasets/train/images"
    yield "console: gallery, first page", on(gallery, offset=0, limit=_PAGE)
    yield "console: gallery, last page", on(gallery, offset=size.long - _PAGE, limit=_PAGE)
    yield "console: gallery, of a label", on(gallery, offset=0, limit=_PAGE, label="label-1")
    yield "console: gallery, with errors", on(gallery, offset=0, limit=_PAGE, errors="true")
    named = {"offset": 0, "limit": _PAGE, "after": "start"}
    yield "console: gallery, by file name", on(gallery, **named, name="tree_00000")
    yield "console: gallery, of no file", on(gallery, **named, name="###")
    yield "console: gallery, of no file, to the end", _to_the_end(caller, gallery, "###")
    yield "gallery, by file name, counted", on(gallery, offset=0, limit=_PAGE, name="tree_00000")
    yield "console: datasets, first page", on("datasets", limit=_MOST)
    yield "console: datasets, last page", on("datasets", limit=_MOST, token=_last_token(caller))
    yield "console: datasets of a project", on("datasets", project="orchard-7")


def _to_the_end(caller: SignedCaller, gallery: str, name: str) -> Call:
    """Return what the console does until it knows that there is no such file."""

    def call() -> None:
        after = "start"
        while after != "None":
            query = f"limit={_PAGE}&after={after}&name={quote(name)}"
            status, body = caller.send("GET", f"/_lensmith/{gallery}?{query}")
            assert status == 200, body
            after = str(json.loads(body)["next"])

    return call


def _last_token(caller: SignedCaller) -> str:
    """Return the token of the last page; of the first where there is one only."""
    token = ""
    while True:
        given = f"&token={quote(token)}" if token else ""
        status, body = caller.send("GET", f"/_lensmith/datasets?limit={_MOST}{given}")
        assert status == 200, body
        following = json.loads(body)["next"]
        if following is None:
            return token
        token = following


def _own_reads(records: Records) -> Iterator[tuple[str, Call]]:
    """Yield what servers read by themselves, from twice a second to once an hour."""

    def leader() -> None:
        with records.read() as connection:
            project_versions.in_states(connection, HOSTED)
            router_loads.since(connection, 5000)
            nodes.every(connection)
            placed_units.every(connection)

    def jobs_of(kind: JobKind) -> Call:
        def look() -> None:
            with records.read() as connection:
                leases.work_by_kind(connection, ((kind,), "nobody"))
                jobs.queued(connection, [kind])
                leases.has_own(connection, "nobody")

        return look

    def named() -> None:
        with records.read() as connection:
            artefacts.named(connection)

    yield "leader and routes, twice a second", leader
    yield "queue of datasets", jobs_of(JobKind.UPDATE_DATASET)
    yield "queue of trainings", jobs_of(JobKind.TRAIN)
    yield "metrics of units", lambda: sample_units(records, lambda _: Load())
    yield "models that versions name, once an hour", named


def measure(installations: Sequence[Installation], times: int) -> list[dict[str, Any]]:
    """Time each call, the installations in turns; milliseconds at the 95th percentile."""
    rows = []
    for name in installations[0].calls:
        spent: list[list[float]] = [[] for _ in installations]
        for _ in range(times):
            for one, seconds in zip(installations, spent, strict=True):
                began = time.perf_counter()
                one.calls[name]()
                seconds.append(1000 * (time.perf_counter() - began))
        small, large = (quantiles(seconds, n=20)[-1] for seconds in spent)
        print(f"{name}: {small:.1f} {large:.1f}", file=sys.stderr, flush=True)
        rows.append({"call": name, "small": round(small, 2), "large": round(large, 2)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench lists", description=__doc__)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--sqlite", action="store_true", help="instead of PostgreSQL")
    parser.add_argument("--parts", nargs="+", choices=_PARTS, default=_PARTS)
    given = parser.parse_args()
    with ExitStack() as running:
        home = Path(running.enter_context(TemporaryDirectory()))
        postgresql = None if given.sqlite else running.enter_context(stoppable_postgresql()).url
        installations = [
            _started(running, home / name, postgresql, size)
            for name, size in (("small", SMALL), ("large", LARGE))
        ]
        for one in installations:
            one.prepare(given.parts)
        rows = measure(installations, given.times)
    _show(rows)
    write_results("lists-sqlite" if given.sqlite else "lists", rows)


def _started(running: ExitStack, home: Path, postgresql: str | None, size: Size) -> Installation:
    more = {}
    if postgresql is not None:
        more["LENSMITH_RECORDS_URL"] = running.enter_context(database(postgresql))
    server = LiveServer(home, given=more)
    server.start()
    running.callback(server.stop)
    records = Records.of(server.settings)
    running.callback(records.close)
    began = time.monotonic()
    dataset = fill(records, size)
    print(f"{size.projects:,} projects, {size.entries:,} entries: {time.monotonic() - began:.0f} s")
    return Installation(server, records, dataset, size)


def _show(rows: list[dict[str, Any]]) -> None:
    names = [f"{one.projects:,} projects, {one.entries:,} entries (ms)" for one in (SMALL, LARGE)]
    table = Table("95th percentile", *names, "ratio", box=None)
    for row in rows:
        small, large = row["small"], row["large"]
        table.add_row(row["call"], f"{small:.2f}", f"{large:.2f}", f"{large / small:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
