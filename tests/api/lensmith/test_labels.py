"""Labels of a dataset on a live server: looks, drafts, and tasks that rename and remove."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest
from tests.api.lensmith.test_images import change, lines
from tests.support.browser_session import BrowserSession
from tests.support.labelled_dataset import LabelledDataset

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient


@pytest.fixture
def dataset(rekognition: RekognitionClient, browser: BrowserSession) -> LabelledDataset:
    return LabelledDataset.create(rekognition, browser, lines())


def put(dataset: LabelledDataset, *labels: Mapping[str, str | None]) -> list[str]:
    answer = dataset.browser.put(f"{dataset.path}/labels", {"labels": list(labels)})
    assert answer.status == 200, answer.body
    return [label["name"] for label in answer.json["labels"]]


def test_labels_tell_where_they_are_used(dataset: LabelledDataset) -> None:
    labels = dataset.labels()
    assert list(labels) == ["fog", "bolt", "nut", "rain"]
    assert labels["fog"] == {
        "name": "fog", "color": None, "key": None, "images": 5, "boxes": 0, "kinds": ["image"],
    }  # fmt: skip
    assert (labels["bolt"]["images"], labels["bolt"]["boxes"]) == (3, 3)
    assert labels["bolt"]["kinds"] == ["box"]


def test_drafts_colours_and_keys_are_kept(dataset: LabelledDataset) -> None:
    fog = {"name": "fog", "color": "#AABBCC", "key": "1"}
    assert put(dataset, {"name": "ice"}, fog) == ["fog", "bolt", "nut", "rain", "ice"]
    labels = dataset.labels()
    assert (labels["fog"]["color"], labels["fog"]["key"]) == ("#aabbcc", "1")
    assert (labels["ice"]["images"], labels["ice"]["kinds"]) == (0, [])
    assert put(dataset, fog) == ["fog", "bolt", "nut", "rain"]
    assert put(dataset) == ["fog", "bolt", "nut", "rain"]
    assert dataset.labels()["fog"]["color"] == "#aabbcc"
    listed = dataset.rekognition.list_dataset_labels(DatasetArn=dataset.arn)
    assert len(listed["DatasetLabelDescriptions"]) == 4


def test_a_label_that_no_image_has_any_more_is_a_draft(dataset: LabelledDataset) -> None:
    dataset.save(change(dataset.image("rain"), image_labels=[]))
    assert dataset.labels()["rain"]["images"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        [{"name": ""}],
        [{"name": "x" * 257}],
        [{"name": "a"}, {"name": "a"}],
        [{"name": "a", "color": "red"}],
        [{"name": "a", "key": "F1"}],
    ],
)
def test_labels_that_are_none_are_refused(
    dataset: LabelledDataset, wrong: list[dict[str, str]]
) -> None:
    answer = dataset.browser.put(f"{dataset.path}/labels", {"labels": wrong})
    assert answer.code == "InvalidParameterException"


def rename(dataset: LabelledDataset, name: str, other: str) -> dict[str, object]:
    body = {"from": name, "to": other}
    return dataset.finished(dataset.browser.post(f"{dataset.path}/labels/rename", body))


def test_a_label_is_renamed_everywhere(dataset: LabelledDataset) -> None:
    put(dataset, {"name": "bolt", "color": "#112233", "key": "b"})
    task = rename(dataset, "bolt", "screw")
    assert (task["state"], task["done"], task["total"]) == ("completed", 3, 3)
    assert task["result"] == {"images": 3}
    labels = dataset.labels()
    assert list(labels) == ["fog", "screw", "nut", "rain"]
    assert (labels["screw"]["color"], labels["screw"]["boxes"]) == ("#112233", 3)
    assert [box["label"] for box in dataset.image("box-0")["boxes"]] == ["screw", "nut"]
    assert all("bolt" not in str(line) for line in dataset.lines())
    assert dataset.described()["Status"] == "UPDATE_COMPLETE"


def test_a_label_can_join_another(dataset: LabelledDataset) -> None:
    rename(dataset, "rain", "fog")
    labels = dataset.labels()
    assert list(labels) == ["fog", "bolt", "nut"]
    assert labels["fog"]["images"] == 6


def test_a_draft_is_renamed_and_removed(dataset: LabelledDataset) -> None:
    put(dataset, {"name": "ice", "key": "i"})
    rename(dataset, "ice", "snow")
    assert dataset.labels()["snow"]["key"] == "i"
    started = dataset.browser.post(f"{dataset.path}/labels/remove", {"name": "snow"})
    assert dataset.finished(started)["state"] == "completed"
    assert "snow" not in dataset.labels()


def test_a_label_is_removed_everywhere(dataset: LabelledDataset) -> None:
    put(dataset, {"name": "bolt", "color": "#112233"})
    started = dataset.browser.post(f"{dataset.path}/labels/remove", {"name": "bolt"})
    assert dataset.finished(started)["result"] == {"images": 3}
    assert list(dataset.labels()) == ["fog", "nut", "rain"]
    assert [box["label"] for box in dataset.image("box-0")["boxes"]] == ["nut"]
    faulty = dataset.image("faulty")
    assert (faulty["boxes"], faulty["errors"], faulty["nothing_here"]) == ([], [], False)
    assert dataset.described()["DatasetStats"]["ErrorEntries"] == 0


def test_what_cannot_be_renamed_is_refused(dataset: LabelledDataset) -> None:
    for name, other, code in (
        ("nowhere", "x", "ResourceNotFoundException"),
        ("fog", "fog", "InvalidParameterException"),
        ("fog", "", "InvalidParameterException"),
    ):
        body = {"from": name, "to": other}
        assert dataset.browser.post(f"{dataset.path}/labels/rename", body).code == code


def test_a_task_is_cancelled_or_ends(dataset: LabelledDataset) -> None:
    started = dataset.browser.post(f"{dataset.path}/labels/remove", {"name": "fog"})
    cancelled = dataset.browser.delete(f"/_lensmith/tasks/{started.json['task']}")
    assert cancelled.status == 200
    task = dataset.finished(started)
    gone = task["state"] == "completed"
    assert gone or task["state"] == "cancelled"
    dataset.settle()
    assert ("fog" not in dataset.labels()) is gone


def test_tasks_are_told_to_those_who_may_begin_them(
    dataset: LabelledDataset, browser_of: Callable[..., BrowserSession]
) -> None:
    looker = browser_of("rekognition:List*")
    assert looker.get(f"{dataset.path}/labels").status == 200
    for method, path in (("PUT", "labels"), ("POST", "labels/rename"), ("POST", "labels/remove")):
        refused = looker.send(method, f"{dataset.path}/{path}", b"{}")
        assert refused.code == "AccessDeniedException"
    started = dataset.browser.post(f"{dataset.path}/labels/remove", {"name": "rain"})
    task = f"/_lensmith/tasks/{started.json['task']}"
    assert looker.get(task).code == "AccessDeniedException"
    assert looker.delete(task).code == "AccessDeniedException"
    assert dataset.browser.get("/_lensmith/tasks/999999").code == "ResourceNotFoundException"
    assert dataset.browser.get("/_lensmith/tasks/x").code == "ResourceNotFoundException"
