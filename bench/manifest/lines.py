"""Parse plus validation of manifest lines on one core, against decoding alone.

`python -m bench manifest_lines` prints the table and writes bench/results/manifest_lines.json.
"Plain Python" is json.loads and the complete rules, without the fast path.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bench.outcomes import write_results
from lensmith.manifest.line.validate import check_object, examine

_LINES = 4000  # of each kind, all different
_ROUNDS = 7  # the quickest counts
_LABELS = ("fog", "sun", "rain", "snow", "wind", "hail")


def main() -> None:
    rng = random.Random(0)
    kinds = {
        "one image label": [_encoded(_image_line(rng, 1)) for _ in range(_LINES)],
        "three image labels": [_encoded(_image_line(rng, 3)) for _ in range(_LINES)],
        "10 boxes": [_encoded(_box_line(rng, 10)) for _ in range(_LINES)],
        "40 boxes": [_encoded(_box_line(rng, 40)) for _ in range(_LINES)],
    }
    rows = {name: _measure(lines) for name, lines in kinds.items()}
    table = Table("line", *next(iter(rows.values())))
    for name, row in rows.items():
        table.add_row(name, *(f"{value:,}" for value in row.values()))
    Console().print(table)
    write_results("manifest_lines", rows)


def _measure(lines: list[bytes]) -> dict[str, float]:
    ours = _seconds(examine, lines)
    msgspec_alone = _seconds(msgspec.json.Decoder().decode, lines)
    json_alone = _seconds(json.loads, lines)
    plain_python = _seconds(lambda line: check_object(json.loads(line)), lines)
    return {
        "lines/s": round(len(lines) / ours),
        "MB/s": round(sum(map(len, lines)) / ours / 1e6),
        "times msgspec alone": round(ours / msgspec_alone, 2),
        "times json.loads alone": round(ours / json_alone, 2),
        "faster than plain Python": round(plain_python / ours, 1),
    }


def _seconds(work: Callable[[bytes], Any], lines: list[bytes]) -> float:
    """CPU time of the quickest round; the machine may be busy with other things."""
    rounds = []
    for _ in range(_ROUNDS):
        started = time.process_time()
        for line in lines:
            work(line)
        rounds.append(time.process_time() - started)
    return min(rounds)


def _encoded(line: dict[str, Any]) -> bytes:
    return msgspec.json.encode(line)


def _image_line(rng: random.Random, labels: int) -> dict[str, Any]:
    line: dict[str, Any] = {"source-ref": _source_ref(rng)}
    for label in rng.sample(_LABELS, labels):
        line[label] = 1
        line[f"{label}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            **_provenance(rng),
        }
    return line


def _box_line(rng: random.Random, boxes: int) -> dict[str, Any]:
    return {
        "source-ref": _source_ref(rng),
        "parts": {
            "image_size": [{"width": 800, "height": 600, "depth": 3}],
            "annotations": [
                {
                    "class_id": rng.randrange(3),
                    "left": rng.randrange(500),
                    "top": rng.randrange(400),
                    "width": rng.randrange(10, 200),
                    "height": rng.randrange(10, 150),
                }
                for _ in range(boxes)
            ],
        },
        "parts-metadata": {
            "objects": [{"confidence": 1}] * boxes,
            "class-map": {"0": "bolt", "1": "nut", "2": "screw"},
            "type": "groundtruth/object-detection",
            **_provenance(rng),
        },
    }


def _source_ref(rng: random.Random) -> str:
    return f"s3://custom-labels-lab/datasets/weather/{rng.getrandbits(64):016x}.jpg"


def _provenance(rng: random.Random) -> dict[str, str]:
    return {
        "human-annotated": "yes",
        "creation-date": f"2024-02-03T04:05:06.{rng.randrange(10**6):06}",
        "job-name": "labeling-job/bench",
    }


if __name__ == "__main__":
    main()
