"""The routes of one version on a live server: its training, cancelling it, its model."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from PIL import ExifTags, Image
from tests.boto3.recorded import record_version
from tests.e2e.drawn import PARTS, boards, flowers
from tests.e2e.lab import TRAINED, Lab, is_alive
from tests.support.artefacts import fixed_boxes
from tests.support.eventually import until
from tests.support.exported_model import found_by_script, unpack
from tests.support.live_server import TRAINING_BUDGET, LiveServer, running_server
from tests.support.signed_caller import SignedCaller

from lensmith.config import Settings
from lensmith.domain.project_version import VersionStatus
from lensmith.domain.time_budget import TIME_BUDGET_TAG
from lensmith.inference.artefact import Resize
from lensmith.store.records.engine import Records
from lensmith.store.records.training_points import MAX_POINTS
from lensmith.training.job.outcome import CANCELLED
from lensmith.training.job.workspace import Workspace

if TYPE_CHECKING:
    from bench.drawn.drawn_image import DrawnImage

LONG = {TIME_BUDGET_TAG: "3600"}  # these trainings are cancelled


@dataclass(frozen=True)
class Version:
    """One version and its routes."""

    lab: Lab
    caller: SignedCaller
    project_arn: str
    arn: str

    @property
    def path(self) -> str:
        _, project, _, version, _ = self.arn.split("/")
        return f"/_lensmith/projects/{project}/versions/{version}"

    def training(self) -> dict[str, Any]:
        return self.caller.call("GET", f"{self.path}/training")

    def cancel(self) -> dict[str, Any]:
        return self.caller.call("POST", f"{self.path}/cancel")

    def status(self) -> str:
        return self.lab.describe(self.project_arn, self.arn.split("/")[3])["Status"]


@pytest.fixture(name="server", scope="module")
def server_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """It chooses the precision by the rule."""
    given = {"LENSMITH_TRAINING_BUDGET": TRAINING_BUDGET, "LENSMITH_TRAINING_THREADS": "1"}
    with running_server(tmp_path_factory.mktemp("versions"), **given) as live:
        yield live


@pytest.fixture(scope="module")
def lab(server: LiveServer) -> Lab:
    return Lab.open(server)


@pytest.fixture(scope="module")
def caller(server: LiveServer) -> SignedCaller:
    return SignedCaller(server)


def train(
    lab: Lab,
    caller: SignedCaller,
    pictures: list[DrawnImage],
    testing: list[DrawnImage],
    **tags: str,
) -> Version:
    """Begin a training from manifests in a project of its own."""
    project_arn = lab.create_project()
    folder = project_arn.split("/")[1]

    def assets(name: str, drawn: list[DrawnImage]) -> Any:
        manifest = lab.upload(f"{folder}/{name}", drawn)
        return {"Assets": [{"GroundTruthManifest": {"S3Object": manifest}}]}

    data: Any = {
        "Tags": tags,
        "TrainingData": assets("train", pictures),
        "TestingData": assets("test", testing),
    }
    return Version(lab, caller, project_arn, lab.train(project_arn, **data))


@pytest.fixture(scope="module")
def classifier(lab: Lab, caller: SignedCaller) -> Version:
    trained = train(lab, caller, flowers("train", 5), flowers("test", 3))
    lab.await_version(trained.project_arn, TRAINED)
    return trained


@pytest.fixture(scope="module")
def running(lab: Lab, caller: SignedCaller) -> Iterator[Version]:
    """A training that has begun."""
    first = train(lab, caller, boards("train", 12), boards("test", 3), **LONG)
    until(first.training, lambda state: state["queue_position"] is None)
    yield first
    first.cancel()


def test_a_queued_training_is_cancelled_without_ever_running(
    lab: Lab, caller: SignedCaller, running: Version
) -> None:
    second = train(lab, caller, flowers("train", 5), flowers("test", 3))
    assert second.cancel()["attempt"] == 0
    assert second.status() == "TRAINING_FAILED"
    assert running.status() == "TRAINING_IN_PROGRESS"
    assert second.cancel()["Code"] == "ResourceInUseException"
    lab.rekognition.delete_project_version(ProjectVersionArn=second.arn)


def test_cancelling_ends_a_training_and_the_next_one_begins(
    lab: Lab, caller: SignedCaller, running: Version
) -> None:
    settings, first = Settings(lab.server.home / "data"), running
    state = until(first.training, lambda state: bool(state["history"]))
    assert state["status"] == "TRAINING_IN_PROGRESS"
    assert (state["queue_position"], state["attempt"], state["report"]) == (None, 1, None)
    assert state["progress"]["phase"] == "training"
    assert 0 < state["progress"]["step"] <= state["progress"]["steps"]
    assert state["progress"]["eta_seconds"] > 0
    assert state["history"][0]["loss"] > 0
    assert state["seconds"] > 0
    second = train(lab, caller, flowers("train", 5), flowers("test", 3), **LONG)
    waiting = second.training()
    assert (waiting["queue_position"], waiting["progress"], waiting["seconds"]) == (1, None, 0.0)

    job = lab.job(first.arn)
    process = psutil.Process(job.pid)
    cancelled = first.cancel()

    assert (cancelled["status"], cancelled["status_message"]) == ("TRAINING_FAILED", CANCELLED)
    assert len(cancelled["history"]) >= len(state["history"])
    until(lambda: is_alive(process), lambda alive: not alive)
    workspace = Workspace.of(settings, job.id, job.fence).directory
    until(workspace.exists, lambda there: not there)
    described = lab.describe(first.project_arn)
    assert (described["Status"], described["StatusMessage"]) == ("TRAINING_FAILED", CANCELLED)
    until(second.training, lambda state: state["progress"] is not None)
    second.cancel()
    assert second.status() == "TRAINING_FAILED"


def test_a_training_that_has_ended_tells_how_it_went(classifier: Version) -> None:
    state = classifier.training()
    assert state["project_version_arn"] == classifier.arn
    assert (state["status"], state["progress"]) == ("TRAINING_COMPLETED", None)
    assert state["seconds"] > 0
    assert len(state["history"]) <= MAX_POINTS
    report = state["report"]
    assert report["training_images"] == 15
    assert report["layout"] == 1
    assert report["choice"]["trial"] in report["trials"]
    assert classifier.cancel()["Code"] == "ResourceInUseException"


def test_the_exported_model_answers_as_the_api(
    lab: Lab, classifier: Version, tmp_path: Path
) -> None:
    variants = classifier.caller.call("GET", f"{classifier.path}/variants")["variants"]
    (served,) = (one["precision"] for one in variants if one["is_served"])
    path = f"{classifier.path}/model?format={served}"
    status, archive = classifier.caller.send("GET", path)
    assert status == 200
    assert classifier.caller.send("GET", path)[1] == archive
    unpack(archive, tmp_path)
    pictures = {picture.name: picture.jpeg() for picture in flowers("export", 4)}
    found = found_by_script(tmp_path, pictures)
    lab.start(classifier.project_arn, classifier.arn)
    for name, data in pictures.items():
        answered = lab.detect(classifier.arn, data)
        assert [label for label, _, _ in found[name]] == [label["Name"] for label in answered]
        for (_, confidence, _), label in zip(found[name], answered, strict=True):
            assert 100 * confidence == pytest.approx(label["Confidence"], abs=0.02)
    lab.stop(classifier.project_arn, classifier.arn)


@pytest.fixture
def detector(lab: Lab, caller: SignedCaller) -> Version:
    """Sees a chip where two overlap, another beside them, a lamp and no more, in every picture."""
    project_arn, settings = lab.create_project(), Settings(lab.server.home / "data")
    records = Records.of(settings)
    version = record_version(records, project_arn, VersionStatus.TRAINING_COMPLETED)
    records.close()
    boxes = [(0.2, 0.3, 0.5, 0.6), (0.21, 0.3, 0.5, 0.6), (0.5, 0.4, 0.8, 0.7), (0.2, 0.3, 0.5, 1)]
    scores = [(0.9, 0.1), (0.8, 0.1), (0.7, 0.2), (0.3, 0.6)]
    model = settings.models_directory / str(version.id)
    fixed_boxes(model, boxes, scores, PARTS, Resize.LETTERBOX)
    return Version(lab, caller, project_arn, version.arn)


def test_an_exported_detector_answers_as_the_api(
    lab: Lab, detector: Version, tmp_path: Path
) -> None:
    unpack(detector.caller.send("GET", f"{detector.path}/model")[1], tmp_path)
    there = tmp_path / "openvino"
    (board,) = boards("export", 1)
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    board.image.save(turned, "JPEG", exif=exif)
    pictures = {"wide.jpg": board.jpeg(), "turned.jpg": turned.getvalue()}
    found = found_by_script(tmp_path, pictures)
    if find_spec("openvino") is not None:
        unpack(detector.caller.send("GET", f"{detector.path}/model?format=openvino")[1], there)
        assert found_by_script(there, pictures) == found
    lab.start(detector.project_arn, detector.arn)
    for name, data in pictures.items():
        answered = lab.detect(detector.arn, data)
        assert [label["Name"] for label in answered] == ["chip", "chip", "lamp"]
        for (label, confidence, box), seen in zip(found[name], answered, strict=True):
            assert label == seen["Name"]
            assert 100 * confidence == pytest.approx(seen["Confidence"], abs=0.01)
            place = seen["Geometry"]["BoundingBox"]
            assert box[:2] == pytest.approx((place["Left"], place["Top"]), abs=1e-4)
            sides = (box[2] - box[0], box[3] - box[1])
            assert sides == pytest.approx((place["Width"], place["Height"]), abs=2e-4)
    lab.stop(detector.project_arn, detector.arn)


def test_a_version_without_a_model_is_not_exported(lab: Lab, caller: SignedCaller) -> None:
    failed = train(lab, caller, flowers("train", 1)[:1], flowers("test", 1)[:1])
    failed.cancel()
    assert caller.call("GET", f"{failed.path}/model")["Code"] == "ResourceNotReadyException"


def test_versions_that_do_not_exist(classifier: Version) -> None:
    project = classifier.path.rpartition("/")[0]
    for path in (f"{project}/v2", "/_lensmith/projects/none/versions/v1"):
        for method, route in (("GET", "training"), ("POST", "cancel"), ("GET", "model")):
            said = classifier.caller.call(method, f"{path}/{route}")
            assert said["Code"] == "ResourceNotFoundException"


def test_each_route_needs_its_right(server: LiveServer, classifier: Version) -> None:
    rights = {
        "training": ("GET", "rekognition:DescribeProjectVersions", classifier.project_arn),
        "cancel": ("POST", "rekognition:DeleteProjectVersion", classifier.arn),
        "model": ("GET", "rekognition:DetectCustomLabels", classifier.arn),
    }
    for route, (_, action, resource) in rights.items():
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        server.create_user(f"only-{route}", statement)
        user = SignedCaller(server, f"only-{route}")
        for asked, (method, needed, _) in rights.items():
            status, body = user.send(method, f"{classifier.path}/{asked}")
            if asked == route:
                assert b"AccessDenied" not in body
            else:
                assert status == 400
                said = json.loads(body)
                assert said["Code"] == "AccessDeniedException"
                assert needed in said["Message"]


def test_unsigned_requests_are_refused(classifier: Version) -> None:
    for method, route in (("GET", "training"), ("POST", "cancel"), ("GET", "model")):
        said = classifier.caller.call(method, f"{classifier.path}/{route}", signed=False)
        assert "MissingAuthenticationToken" in json.dumps(said)
