"""Records of the oldest schema, upgraded by a start: all of it is there and works."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.support.live_server import BIN, LiveServer

OLDEST = Path(__file__).parents[1] / "store" / "records" / "schema_0001.sql"
"""Written by the last commit whose only migration was 0001 (a78bc76a)."""


def test_the_oldest_records_are_upgraded(new_server: Callable[..., LiveServer]) -> None:
    server = new_server()
    records = server.home / "data" / "records.db"
    records.parent.mkdir(parents=True)
    with closing(sqlite3.connect(records)) as old:
        old.executescript(OLDEST.read_text())

    server.start()
    client = server.rekognition("ada")  # her key is of that time, too
    (project,) = client.describe_projects()["ProjectDescriptions"]
    (dataset,) = project["Datasets"]
    found = client.list_dataset_entries(DatasetArn=dataset["DatasetArn"])["DatasetEntries"]
    assert [f"s3://orchard/{name}.png" in line for name, line in zip("abc", found, strict=True)]
    labels = client.list_dataset_labels(DatasetArn=dataset["DatasetArn"])
    assert [
        (one["LabelName"], one["LabelStats"]["EntryCount"])
        for one in labels["DatasetLabelDescriptions"]
    ] == [("apple", 2), ("pear", 1)]
    (version,) = client.describe_project_versions(ProjectArn=project["ProjectArn"])[
        "ProjectVersionDescriptions"
    ]
    assert version["Status"] == "TRAINING_COMPLETED"
    client.create_project(ProjectName="new")
    server.s3("ada").create_bucket(Bucket="of-a-user-of-old")
    assert server.stop() == 0

    with closing(sqlite3.connect(records)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    refused = subprocess.run(
        [str(BIN / "lensmith"), "serve", "--home", str(records.parent)],
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "written by a newer Lensmith" in refused.stderr
    assert "Traceback" not in refused.stderr
