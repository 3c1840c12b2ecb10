"""A dataset on a live server, as the console's routes see it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.browser_session import Answer, BrowserSession
from tests.support.eventually import until

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.literals import DatasetTypeType


@dataclass(frozen=True)
class LabelledDataset:
    rekognition: RekognitionClient
    browser: BrowserSession
    project: str
    arn: str
    type: str = "train"

    @classmethod
    def create(
        cls, rekognition: RekognitionClient, browser: BrowserSession, lines: list[dict[str, Any]]
    ) -> LabelledDataset:
        name = f"console-{uuid.uuid4().hex[:10]}"
        project_arn = rekognition.create_project(ProjectName=name)["ProjectArn"]
        kind: DatasetTypeType = "TRAIN"
        arn = rekognition.create_dataset(ProjectArn=project_arn, DatasetType=kind)["DatasetArn"]
        dataset = cls(rekognition, browser, name, arn)
        if lines:
            body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
            rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": body})
            dataset.settle()
        return dataset

    @property
    def path(self) -> str:
        return f"/_lensmith/projects/{self.project}/datasets/{self.type}"

    def settle(self) -> None:
        settled = until(self.described, lambda it: not it["Status"].endswith("_IN_PROGRESS"))
        assert settled["Status"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}

    def described(self) -> Any:
        return self.rekognition.describe_dataset(DatasetArn=self.arn)["DatasetDescription"]

    def images(self, query: str = "") -> dict[str, Any]:
        answer = self.browser.get(f"{self.path}/images{query}")
        assert answer.status == 200, answer.body
        return answer.json

    def names(self, query: str = "") -> list[str]:
        return [image["name"] for image in self.images(query)["images"]]

    def image(self, name: str) -> dict[str, Any]:
        (image,) = self.images(f"?name={name}")["images"]
        found: dict[str, Any] = image
        return found

    def save(self, *changes: dict[str, Any], request_id: str | None = None) -> Answer:
        body = {"request_id": request_id or str(uuid.uuid4()), "changes": list(changes)}
        return self.browser.post(f"{self.path}/entries", body)

    def labels(self) -> dict[str, dict[str, Any]]:
        answer = self.browser.get(f"{self.path}/labels")
        assert answer.status == 200, answer.body
        return {label["name"]: label for label in answer.json["labels"]}

    def lines(self) -> list[dict[str, Any]]:
        """As ListDatasetEntries has them."""
        pages = self.rekognition.get_paginator("list_dataset_entries")
        return [
            json.loads(line)
            for page in pages.paginate(DatasetArn=self.arn)
            for line in page["DatasetEntries"]
        ]

    def finished(self, started: Answer) -> dict[str, Any]:
        """The task that an answer names, once it has ended."""
        assert started.status == 202, started.body
        return finished(self.browser, started.json["task"])


def finished(browser: BrowserSession, task: str) -> dict[str, Any]:
    """What a task says once it has ended."""

    def look() -> dict[str, Any]:
        answer = browser.get(f"/_lensmith/tasks/{task}")
        assert answer.status == 200, answer.body
        return answer.json

    return until(look, lambda state: state["state"] != "running")
