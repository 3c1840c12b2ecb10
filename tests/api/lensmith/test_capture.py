"""Pictures that a running model keeps, with its own settings, and their review."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.api.lensmith.test_suggestions import picture
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.feedback import Feedback

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def path_of(feedback: Feedback) -> str:
    return f"/_lensmith/projects/{feedback.dataset.project}/versions/{feedback.version.name}"


def test_pictures_are_kept_only_where_that_is_turned_on(
    feedback: Feedback, s3: S3Client, browser_of: Callable[..., BrowserSession]
) -> None:
    browser, rekognition = feedback.browser, feedback.dataset.rekognition
    path, arn = f"{path_of(feedback)}/capture", feedback.version.arn
    off = browser.get(path).json
    assert (off["enabled"], off["images"], off["keep_days"]) == (False, 0, 30)

    def detect(*colour: int) -> None:
        image = picture((colour[0], colour[1], colour[2]))
        rekognition.detect_custom_labels(ProjectVersionArn=arn, Image={"Bytes": image})

    rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    (project,) = rekognition.describe_projects(ProjectNames=[feedback.dataset.project])[
        "ProjectDescriptions"
    ]

    def status() -> str:
        (found,) = rekognition.describe_project_versions(
            ProjectArn=project["ProjectArn"], VersionNames=[feedback.version.name]
        )["ProjectVersionDescriptions"]
        return found["Status"]

    until(status, lambda it: it == "RUNNING")
    detect(140, 10, 10)
    watcher = browser_of("rekognition:*")
    assert watcher.put(path, {"enabled": True}).code == "AccessDeniedException"  # s3:PutObject
    assert browser.put(path, {"enabled": True, "keep_days": 0}).code == "SerializationException"
    assert browser.put(path, {"enabled": True, "max_images": 2}).json["enabled"] is True
    assert browser.get(path).json["images"] == 0  # of the call before
    detect(250, 10, 10)  # sure
    detect(141, 10, 10)
    detect(141, 10, 10)  # the same picture
    detect(5, 5, 5)  # no result
    until(lambda: browser.get(path).json["images"], lambda it: it == 2)
    detect(142, 10, 10)  # one too many
    browser.put(path, {"enabled": False, "max_images": 10})
    detect(143, 10, 10)
    assert browser.get(path).json["images"] == 2

    token = feedback.predicted(source={"kind": "captured"})
    images = feedback.images(token)
    assert len(images) == 2
    assert {len(image["predicted_labels"]) for image in images} == {0, 1}
    feedback.answer(
        token,
        *(
            {"source_ref": one["source_ref"], "verdict": "verified", "image_labels": ["red"]}
            for one in images
        ),
    )
    written = feedback.write(token)
    assert (written["lines"], written["copied"]) == (2, 2)
    for line in feedback.manifest(token):  # it outlives what is kept for a while
        s3.head_object(
            Bucket=feedback.bucket, Key=line["source-ref"].removeprefix(f"s3://{feedback.bucket}/")
        )
    assert browser.get(path).json["images"] == 0
    assert feedback.write(token)["lines"] == 2

    browser.put(path, {"enabled": True})
    detect(144, 10, 10)
    until(lambda: browser.get(path).json["images"], lambda it: it == 1)
    assert browser.delete(path).json["images"] == 0
    rekognition.stop_project_version(ProjectVersionArn=arn)
