"""From StartProjectVersion to RUNNING and to the first answer, twenty times for each kind of model.

Each kind also under a key, whose start decrypts the model into memory.

`python -m bench serving_start` prints the table and writes bench/results/serving_start.json;
`python -m bench serving_start --starts 3` starts less often.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.support.live_server import LiveServer

from bench.outcomes import write_results
from bench.serving.pictures import SIZES, photo
from bench.serving.running_models import ReadyModel, served_models


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench serving_start")
    parser.add_argument("--starts", type=int, default=20, help="of each model")
    starts = parser.parse_args().starts
    with served_models(with_sealed=True) as (server, models):
        rows = [_measure(server, model, starts) for model in models]
    result = {"cores": os.cpu_count(), "load_average": os.getloadavg(), "rows": rows}
    write_results("serving_start", result)
    Console().print(_table(rows))


def _measure(server: LiveServer, model: ReadyModel, starts: int) -> dict[str, Any]:
    """Seconds of many starts; the first, on which files are read from the disk, counts too."""
    rekognition = server.rekognition()
    picture = photo(SIZES["480 px"])
    running, answered = [], []
    for _ in range(starts):
        began = time.perf_counter()
        running.append(model.start(rekognition))
        rekognition.detect_custom_labels(ProjectVersionArn=model.arn, Image={"Bytes": picture})
        answered.append(time.perf_counter() - began)
        model.stop(rekognition)
    return {
        "kind": model.kind,
        "starts": starts,
        "median_to_running": round(median(running), 3),
        "first_to_running": round(running[0], 3),
        "worst_to_running": round(max(running), 3),
        "median_to_first_answer": round(median(answered), 3),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("model", title="Seconds from StartProjectVersion")
    columns = ("starts", "RUNNING, median", "first", "worst", "first answer, median")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*map(str, row.values()))
    return table


if __name__ == "__main__":
    main()
