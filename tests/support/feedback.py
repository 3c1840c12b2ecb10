"""A project with a model and unlabelled pictures, and the reviews of its predictions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.boto3.recorded import record_version
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.labelled_dataset import LabelledDataset
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.store.records.engine import Records

REVIEWS = "/_lensmith/reviews"
COLOURS = {
    "red.png": (250, 10, 10),
    "dim.png": (140, 10, 10),
    "green.png": (10, 250, 10),
    "dark.png": (5, 5, 5),
}


@dataclass(frozen=True)
class Feedback:
    """A project with a model that knows colours and unlabelled pictures."""

    dataset: LabelledDataset
    version: ProjectVersion
    bucket: str

    @property
    def browser(self) -> BrowserSession:
        return self.dataset.browser

    def ref(self, name: str) -> str:
        return f"s3://{self.bucket}/{name}"

    def start(self, **order: Any) -> str:
        wanted = {"project": self.dataset.project, "source": {"kind": "dataset"}, **order}
        answer = self.browser.post(REVIEWS, wanted)
        assert answer.status == 201, answer.body
        token: str = answer.json["id"]
        return token

    def predicted(self, **order: Any) -> str:
        """A review whose predictions are complete."""
        token = self.start(**order)
        until(lambda: self.show(token)["review"]["state"], lambda it: it == "open")
        return token

    def show(self, token: str) -> dict[str, Any]:
        return self.browser.get(f"{REVIEWS}/{token}").json

    def images(self, token: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.browser.get(f"{REVIEWS}/{token}/images{query}").json[
            "images"
        ]
        return found

    def answer(self, token: str, *answers: dict[str, Any]) -> dict[str, Any]:
        sent = self.browser.post(f"{REVIEWS}/{token}/answers", {"answers": list(answers)})
        assert sent.status == 200, sent.body
        return sent.json

    def verified(self, name: str, **labels: Any) -> dict[str, Any]:
        return {"source_ref": self.ref(name), "verdict": "verified", **labels}

    def write(self, token: str) -> dict[str, Any]:
        task = self.dataset.finished(self.browser.post(f"{REVIEWS}/{token}/manifest", {}))
        assert task["state"] == "completed", task
        result: dict[str, Any] = task["result"]
        return result

    def add(self, token: str, dataset: LabelledDataset) -> None:
        """Add the manifest to a dataset, as the console does."""
        body = b"".join(json.dumps(line).encode() + b"\n" for line in self.manifest(token))
        dataset.rekognition.update_dataset_entries(
            DatasetArn=dataset.arn, Changes={"GroundTruth": body}
        )
        dataset.settle()

    def test_dataset(self) -> LabelledDataset:
        rekognition, project = self.dataset.rekognition, self.dataset.project
        (found,) = rekognition.describe_projects(ProjectNames=[project])["ProjectDescriptions"]
        arn = rekognition.create_dataset(ProjectArn=found["ProjectArn"], DatasetType="TEST")
        return LabelledDataset(rekognition, self.browser, project, arn["DatasetArn"], "test")

    def manifest(self, token: str) -> list[dict[str, Any]]:
        uri = urlsplit(self.show(token)["review"]["output"]["manifest"])
        text = self.browser.get(f"/_lensmith/objects/{uri.netloc}{uri.path}").body.decode()
        return [json.loads(line) for line in text.splitlines()]


def recorded(server: LiveServer, dataset: LabelledDataset) -> ProjectVersion:
    (project,) = dataset.rekognition.describe_projects(ProjectNames=[dataset.project])[
        "ProjectDescriptions"
    ]
    records = Records.of(Settings(server.home / "data"))
    version = record_version(records, project["ProjectArn"], VersionStatus.TRAINING_COMPLETED)
    records.close()
    return version
