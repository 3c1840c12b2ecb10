"""The server dies while the console works: nothing is half done, nothing is done twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from tests.manifest.lines import image_line
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.labelled_dataset import LabelledDataset, finished
from tests.support.live_server import LiveServer, running_server

COUNT = 3000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with running_server(tmp_path_factory.mktemp("killed")) as live:
        yield live


def test_saved_labels_and_tasks_survive_a_killed_server(server: LiveServer) -> None:
    browser = BrowserSession.open(server)
    lines = [image_line("fog", image=f"s3://lab/{number}.png") for number in range(COUNT)]
    dataset = LabelledDataset.create(server.rekognition(), browser, lines)
    image = dataset.images("?limit=1")["images"][0]
    change = {
        "source_ref": image["source_ref"],
        "revision": image["revision"],
        "image_labels": ["snow"],
    }
    request_id = str(uuid.uuid4())
    first = dataset.save(change, request_id=request_id)
    body = {"from": "fog", "to": "mist"}
    started = browser.post(f"{dataset.path}/labels/rename", body)
    assert started.status == 202

    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()

    assert dataset.save(change, request_id=request_id).body == first.body
    task = finished(browser, started.json["task"])
    assert task["state"] == "completed"
    labels = dataset.labels()
    assert "fog" not in labels
    assert (labels["mist"]["images"], labels["snow"]["images"]) == (COUNT - 1, 1)


def test_an_import_goes_on_after_a_killed_server(server: LiveServer) -> None:
    browser = BrowserSession.open(server)
    rekognition, s3 = server.rekognition(), server.s3()
    rekognition.create_project(ProjectName="garden")
    s3.create_bucket(Bucket="garden")
    for number in range(40):
        s3.put_object(Bucket="garden", Key=f"in/rose/{number}.png", Body=b"picture")
    source = {"format": "s3-folder", "uri": "s3://garden/in/"}
    order = {"project": "garden", "type": "train", "source": source}
    task = browser.post("/_lensmith/imports", order).json["task"]
    until(lambda: browser.get(f"/_lensmith/tasks/{task}").json["phase"] != "queued")

    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()

    ended = finished(browser, task)
    assert ended["state"] == "completed"
    assert ended["result"]["images"] == 40
    (project,) = rekognition.describe_projects(ProjectNames=["garden"])["ProjectDescriptions"]
    assert [each["DatasetArn"] for each in project["Datasets"]] == [ended["result"]["dataset_arn"]]
