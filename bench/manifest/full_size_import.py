"""CREATE_DATASET at full size: 250,000 lines and about 1 GB from the embedded object store.

`python -m bench manifest_import [lines]` prints the table and writes
bench/results/manifest_import.json. A real server is started; meanwhile another caller writes
tags, to see whether the import makes other requests wait.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer

from bench.outcomes import write_results

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

LINES = 250_000
BOXES = 40  # a line: about 4 KB
_BUCKET = "custom-labels-bench"
_CLASSES = [f"class-{number:03d}" for number in range(200)]


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "full-size.manifest"
        write_manifest(file, lines)
        server = LiveServer(Path(directory) / "server")
        server.start()
        try:
            result = _measure(server, file, lines)
        finally:
            server.stop()
    table = Table("measure", "value")
    for name, value in result.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    Console().print(table)
    write_results("manifest_import", result)


def write_manifest(file: Path, lines: int) -> None:
    """A detection manifest of `BOXES` boxes a line; one line in 200 has a box off the frame."""
    with file.open("w") as out:
        for line in _lines(lines):
            out.write(line)
            out.write("\n")


def _lines(count: int) -> Iterator[str]:
    for number in range(count):
        boxes = [
            {
                "class_id": slot % 5,
                "left": (number * 7 + slot * 31) % 1800,
                "top": (number * 3 + slot * 17) % 1000,
                "width": 40 + slot,
                "height": 30 + slot,
            }
            for slot in range(BOXES)
        ]
        if number % 200 == 0:
            boxes[0]["left"] = -1
        names = {str(slot): _CLASSES[(number + slot) % len(_CLASSES)] for slot in range(5)}
        metadata = {
            "objects": [{"confidence": 1.0} for _ in boxes],
            "class-map": names,
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2026-01-02T03:04:05.678901",
            "job-name": "labeling-job/full-size",
        }
        yield json.dumps(
            {
                "source-ref": f"s3://orchard/images/row-{number % 97}/tree_{number:07d}.jpg",
                "boxes": {
                    "image_size": [{"width": 1920, "height": 1080, "depth": 3}],
                    "annotations": boxes,
                },
                "boxes-metadata": metadata,
            }
        )


@dataclass
class _Watch:
    """Samples the memory of the importing process and the answer times of another caller."""

    process: psutil.Process
    rekognition: RekognitionClient
    project_arn: str
    peak: int = 0
    answers: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def memory(self) -> None:
        while not self.over.wait(0.02):
            self.peak = max(self.peak, self.process.memory_info().rss)

    def writes(self) -> None:
        while not self.over.wait(0.05):
            begun = time.perf_counter()
            self.rekognition.tag_resource(ResourceArn=self.project_arn, Tags={"at": str(begun)})
            self.answers.append(time.perf_counter() - begun)


def _measure(server: LiveServer, file: Path, lines: int) -> dict[str, Any]:
    s3, rekognition = server.s3(), server.rekognition()
    s3.create_bucket(Bucket=_BUCKET)
    s3.upload_file(str(file), _BUCKET, file.name)
    project_arn = rekognition.create_project(ProjectName="orchard")["ProjectArn"]
    (child,) = server.children("lensmith.datasets")
    idle = child.memory_info().rss
    watch = _Watch(child, rekognition, project_arn)
    threads = [threading.Thread(target=watch.memory), threading.Thread(target=watch.writes)]
    for thread in threads:
        thread.start()
    begun = time.perf_counter()
    seconds = _import(rekognition, project_arn, file.name) - begun
    watch.over.set()
    for thread in threads:
        thread.join()
    megabytes = file.stat().st_size / 1e6
    return {
        "lines": lines,
        "megabytes": round(megabytes),
        "seconds": round(seconds, 1),
        "lines_per_second": round(lines / seconds),
        "megabytes_per_second": round(megabytes / seconds, 1),
        "idle_rss_megabytes": round(idle / 1e6),
        "peak_above_idle_megabytes": round((watch.peak - idle) / 1e6),
        "other_writes": len(watch.answers),
        "other_write_p95_milliseconds": round(quantiles(watch.answers, n=20)[-1] * 1e3, 1),
        "other_write_worst_milliseconds": round(max(watch.answers) * 1e3, 1),
    }


def _import(rekognition: RekognitionClient, project_arn: str, key: str) -> float:
    """Create the dataset; returns when it was complete."""
    arn = rekognition.create_dataset(
        ProjectArn=project_arn,
        DatasetType="TRAIN",
        DatasetSource={"GroundTruthManifest": {"S3Object": {"Bucket": _BUCKET, "Name": key}}},
    )["DatasetArn"]
    while True:
        found = rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
        if found["Status"] != "CREATE_IN_PROGRESS":
            assert found["Status"] == "CREATE_COMPLETE", found["StatusMessage"]
            return time.perf_counter()
        time.sleep(0.1)


if __name__ == "__main__":
    main()
