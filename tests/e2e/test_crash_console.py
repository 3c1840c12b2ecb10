"""The server dies while the console works: nothing is half done, nothing is done twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tests.manifest.lines import image_line
from tests.support.browser_session import BrowserSession
from tests.support.labelled_dataset import LabelledDataset, finished
from tests.support.live_server import LiveServer

COUNT = 3000


def test_saved_labels_and_tasks_survive_a_killed_server(
    new_server: Callable[..., LiveServer],
) -> None:
    server = new_server()
    server.start()
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
