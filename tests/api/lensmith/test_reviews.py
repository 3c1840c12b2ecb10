"""The feedback loop by its routes, on a live server with models whose answers are known."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.api.lensmith.test_suggestions import picture
from tests.support.artefacts import fixed_boxes
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.feedback import REVIEWS, Feedback
from tests.support.labelled_dataset import finished
from tests.support.live_server import LiveServer

from lensmith.config import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def token(feedback: Feedback) -> str:
    """One review of the dataset; the tests of this file go through it in their order."""
    return feedback.predicted()


def names(images: list[dict[str, Any]]) -> list[str]:
    return [image["name"] for image in images]


def test_unlabelled_pictures_come_most_uncertain_first(feedback: Feedback, token: str) -> None:
    shown = feedback.show(token)
    assert shown["review"]["counts"] | {"pending": 4, "unreadable": 1} == shown["review"]["counts"]
    assert shown["waiting"] == {"red": 2, "green": 1, "": 1}
    assert shown["test_data"] is None
    pending = feedback.images(token, "?state=pending")
    assert names(pending)[0] == "dim.png"
    assert [image["uncertainty"] for image in pending] == sorted(
        (image["uncertainty"] for image in pending), reverse=True
    )
    assert names(feedback.images(token, "?label=red")) == ["dim.png", "red.png"]
    assert names(feedback.images(token, "?label=&state=pending")) == ["dark.png"]
    (bad,) = feedback.images(token, "?state=unreadable")
    assert (bad["name"], bad["code"]) == ("text.png", "InvalidImageFormatException")
    assert feedback.dataset.names("?labeled=true") == ["known.png"]  # nothing is written
    listed = {one["id"]: one for one in feedback.browser.get(REVIEWS).json["reviews"]}
    assert listed[token]["project"] == feedback.dataset.project
    assert listed[token]["task"] == "classification"


def test_reviews_need_the_rights_of_what_they_show(
    feedback: Feedback, token: str, browser_of: Callable[..., BrowserSession]
) -> None:
    order = {"project": feedback.dataset.project, "source": {"kind": "dataset"}}
    lister = browser_of("rekognition:List*", "rekognition:Describe*")
    assert lister.post(REVIEWS, order).code == "AccessDeniedException"
    assert lister.get(f"{REVIEWS}/{token}").code == "AccessDeniedException"
    assert token not in {one["id"] for one in lister.get(REVIEWS).json["reviews"]}
    detector = browser_of("rekognition:Detect*")
    assert detector.post(REVIEWS, order).code == "AccessDeniedException"
    assert detector.get(f"{REVIEWS}/{token}").status == 200
    assert detector.post(f"{REVIEWS}/{token}/manifest", {}).code == "AccessDeniedException"


def test_what_cannot_be_reviewed_is_refused(feedback: Feedback, token: str) -> None:
    def code(**order: Any) -> str | None:
        wanted = {"project": feedback.dataset.project, "source": {"kind": "dataset"}, **order}
        return feedback.browser.post(REVIEWS, wanted).code

    assert code(project="none") == "ResourceNotFoundException"
    assert code(version="none") == "ResourceNotFoundException"
    assert code(source={"kind": "dataset", "type": "test"}) == "ResourceNotFoundException"
    assert code(source={"kind": "prefix", "uri": "/etc"}) == "InvalidS3ObjectException"
    missing = {"kind": "prefix", "uri": "s3://no-such-bucket-here/"}
    assert code(source=missing) == "InvalidS3ObjectException"
    assert code(source={"kind": "captured"}) == "InvalidParameterException"
    assert code(sample={"order": "best"}) == "SerializationException"
    path = f"{REVIEWS}/{token}"
    assert feedback.browser.get(f"{path}/images?state=odd").code == "InvalidParameterException"
    assert feedback.browser.post(f"{path}/manifest", {}).code == "ResourceNotReadyException"
    assert feedback.browser.post(f"{path}/resume", {}).code == "ResourceInUseException"
    assert feedback.browser.get(f"{REVIEWS}/none").code == "ResourceNotFoundException"


def test_answers_confirm_correct_reject_and_skip(feedback: Feedback, token: str) -> None:
    saved = feedback.answer(
        token,
        feedback.verified("red.png", image_labels=["red"]),
        feedback.verified("dim.png", image_labels=["maroon"]),
        {"source_ref": feedback.ref("green.png"), "verdict": "rejected"},
        {"source_ref": feedback.ref("dark.png"), "verdict": "skipped"},
        feedback.verified("text.png", image_labels=["red"]),
        feedback.verified("unknown.png", image_labels=["red"]),
    )
    assert {one["source_ref"].rpartition("/")[2]: one["state"] for one in saved["saved"]} == {
        "red.png": "confirmed",
        "dim.png": "corrected",
        "green.png": "rejected",
        "dark.png": "skipped",
    }
    assert [one["code"] for one in saved["rejected"]] == ["UNREADABLE", "NOT_IN_REVIEW"]
    agreement = {one["label"]: one for one in feedback.show(token)["agreement"]}
    red, green, maroon = agreement["red"], agreement["green"], agreement["maroon"]
    assert (red["predicted"], red["kept"], red["added"]) == (2, 1, 0)
    assert (green["predicted"], green["kept"]) == (1, 0)  # a rejected picture
    assert (maroon["predicted"], maroon["added"], maroon["low"]) == (0, 1, None)
    assert 0 < red["low"] < 0.5 < red["high"] < 1
    empty = feedback.answer(token, feedback.verified("red.png"))
    assert [one["code"] for one in empty["rejected"]] == ["NO_LABEL"]
    feedback.answer(token, {"source_ref": feedback.ref("green.png"), "verdict": "pending"})
    assert feedback.show(token)["review"]["counts"]["pending"] == 1


def test_verified_pictures_become_a_manifest_for_the_dataset(
    feedback: Feedback, token: str
) -> None:
    feedback.answer(token, feedback.verified("green.png", image_labels=["green"]))
    mine = feedback.dataset.image("green")
    feedback.dataset.save(
        {key: mine[key] for key in ("source_ref", "revision")} | {"image_labels": ["moss"]}
    )
    written = feedback.write(token)
    assert (written["lines"], written["copied"]) == (2, 0)
    assert written["left_out"] == [
        {"source_ref": feedback.ref("green.png"), "code": "LABELED_MEANWHILE"}
    ]
    lines = {line["source-ref"]: line for line in feedback.manifest(token)}
    red = lines[feedback.ref("red.png")]["red-metadata"]
    assert (red["human-annotated"], red["job-name"]) == ("yes", f"feedback/{token}")
    assert red["lensmith-prediction"]["version"] == feedback.version.name
    assert red["lensmith-prediction"]["confidence"] > 90
    assert red["creation-date"].startswith("20")
    maroon = lines[feedback.ref("dim.png")]["maroon-metadata"]
    assert maroon["lensmith-prediction"]["confidence"] is None
    feedback.add(token, feedback.dataset)
    image = feedback.dataset.image("dim")
    assert (image["image_labels"], image["errors"]) == (["maroon"], [])
    # Written again after the dataset took it: the labels are this review's own.
    assert feedback.write(token)["lines"] == 2


def test_pictures_of_another_bucket_are_copied(feedback: Feedback, s3: S3Client) -> None:
    other = f"elsewhere-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=other)
    s3.put_object(Bucket=other, Key="new/blue.png", Body=picture((10, 10, 250)))
    s3.put_object(Bucket=other, Key="new/dim.png", Body=picture((135, 10, 10)))
    s3.put_object(Bucket=other, Key="new/notes.txt", Body=b"text")
    token = feedback.predicted(
        source={"kind": "prefix", "uri": f"s3://{other}/new/"},
        sample={"order": "uncertain", "count": 1},
    )
    (dim,) = feedback.images(token)
    answer = {"source_ref": dim["source_ref"], "verdict": "verified", "image_labels": ["red"]}
    feedback.answer(token, answer)
    assert feedback.write(token)["copied"] == 1
    (line,) = feedback.manifest(token)
    copy = line["source-ref"]
    assert copy.startswith(f"s3://{feedback.bucket}/feedback/{token}/images/")
    s3.head_object(Bucket=feedback.bucket, Key=copy.removeprefix(f"s3://{feedback.bucket}/"))
    test = feedback.test_dataset()
    feedback.add(token, test)
    assert feedback.show(token)["test_data"] == {"entries": 1, "from_feedback": 1}
    origins = feedback.browser.get(f"{test.path}/origins").json
    assert origins == {"entries": 1, "from_feedback": 1}
    trained = feedback.browser.get(f"{feedback.dataset.path}/origins").json
    assert 0 < trained["from_feedback"] < trained["entries"]


def test_a_cancelled_review_goes_on_and_is_removed(feedback: Feedback) -> None:
    source = {"kind": "prefix", "uri": f"s3://{feedback.bucket}/"}
    token = feedback.start(source=source, sample={"order": "random", "count": 3})
    job = feedback.show(token)["review"]["job"]
    feedback.browser.delete(f"/_lensmith/tasks/{job}")
    finished(feedback.browser, job)
    state = feedback.show(token)["review"]["state"]
    resumed = feedback.browser.post(f"{REVIEWS}/{token}/resume", {})
    assert (state, resumed.status) in {("cancelled", 200), ("open", 400)}
    until(lambda: feedback.show(token)["review"]["state"], lambda it: it == "open")
    assert sum(feedback.show(token)["review"]["counts"].values()) == 3
    assert feedback.browser.delete(f"{REVIEWS}/{token}").status == 200
    assert feedback.browser.get(f"{REVIEWS}/{token}").code == "ResourceNotFoundException"


def test_boxes_are_verified(server: LiveServer, feedback: Feedback) -> None:
    models = Settings(server.home / "data").models_directory
    fixed_boxes(
        models / str(feedback.version.id),
        [[0.25, 0.25, 0.75, 0.75], [0.0, 0.0, 0.2, 0.2]],
        [[0.9, 0.0], [0.0, 0.6]],
        ("cup", "lid"),
    )
    token = feedback.predicted(source={"kind": "prefix", "uri": f"s3://{feedback.bucket}/"})
    images = {image["name"]: image for image in feedback.images(token, "?state=pending")}
    cup, lid = sorted(images["red.png"]["predicted_boxes"], key=lambda box: str(box["label"]))
    assert (cup["label"], lid["label"]) == ("cup", "lid")
    sides = ("label", "left", "top", "width", "height")
    boxes = [{key: box[key] for key in sides} for box in (cup, lid)]
    moved = {**boxes[0], "left": boxes[0]["left"] + 1}
    missing = {"label": "spoon", "left": 100, "top": 5, "width": 20, "height": 20}
    saved = feedback.answer(
        token,
        feedback.verified("red.png", boxes=boxes),
        feedback.verified("dim.png", boxes=[moved, missing]),
        feedback.verified("green.png", nothing_here=True),
        feedback.verified("dark.png"),
        feedback.verified("dark.png", boxes=[{**missing, "left": 500}]),
    )
    assert [one["state"] for one in saved["saved"]] == ["confirmed", "corrected", "corrected"]
    assert [one["code"] for one in saved["rejected"]] == ["NO_BOX", "ERROR_INVALID_BOUNDING_BOX"]
    agreement = {one["label"]: one for one in feedback.show(token)["agreement"]}
    assert [agreement["cup"][key] for key in ("predicted", "kept", "added")] == [3, 2, 0]
    assert [agreement["lid"][key] for key in ("predicted", "kept", "added")] == [3, 1, 0]
    assert agreement["spoon"]["added"] == 1
    feedback.write(token)
    lines = {line["source-ref"]: line for line in feedback.manifest(token)}
    metadata = lines[feedback.ref("dim.png")]["bounding-box-metadata"]
    assert metadata["lensmith-prediction"]["objects"] == [pytest.approx(90, abs=0.1), None]
    assert metadata["job-name"] == f"feedback/{token}"
    assert lines[feedback.ref("green.png")]["bounding-box"]["annotations"] == []
