"""The whole life of a model through boto3."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.e2e.drawn import KINDS, flowers
from tests.e2e.foreign_pictures import check_foreign_pictures
from tests.e2e.lab import RUNNING, TRAINED, Lab
from tests.support.eventually import until
from tests.support.sharing import await_copy, begin_copy
from tests.support.signed_caller import SignedCaller

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import (
        ProjectVersionDescriptionTypeDef,
        S3ObjectTypeDef,
    )

TRAINING_FILES = {"Output": "TrainingGroundTruth", "Validation": "TrainingManifestWithValidation"}
TESTING_FILES = {"Output": "TestingGroundTruth", "Validation": "TestingManifestWithValidation"}


@dataclass
class Model:
    project_arn: str
    train_arn: str
    test_arn: str
    arn: str

    @property
    def result_suffix(self) -> str:
        return f"-{self.project_arn.split('/')[1]}-v1.json"


def test_whole_life(lab: Lab) -> None:
    model = train(lab)
    description = lab.await_version(model.project_arn, TRAINED)
    check_description(lab, model, description)
    summary = lab.summary(description)
    check_summary(model, summary, description["EvaluationResult"]["F1Score"])
    check_evaluation(lab, model, summary)
    start(lab, model)
    check_detections(lab, model, summary)
    check_foreign_pictures(lab, model.arn, flowers("unseen", 2)[0].jpeg())
    lab.stop(model.project_arn, model.arn)
    lab.start(model.project_arn, model.arn)
    with pytest.raises(lab.rekognition.exceptions.ResourceInUseException):
        lab.rekognition.delete_project_version(ProjectVersionArn=model.arn)
    lab.stop(model.project_arn, model.arn)
    check_tags(lab, model)
    check_copy(lab, model, description)
    delete(lab, model)
    assert lab.summary(description) == summary  # what is in the bucket is the user's


def train(lab: Lab) -> Model:
    project_arn = lab.create_project(Tags={"garden": "north"})
    training = lab.upload("life/train", flowers("train", 6))
    testing = lab.upload("life/test", flowers("test", 3))
    train_arn = lab.import_manifest(project_arn, "TRAIN", training)
    test_arn = lab.import_manifest(project_arn, "TEST", testing)
    arn = lab.train(project_arn, VersionDescription="Six of each", Tags={"season": "spring"})
    begun = lab.describe(project_arn)
    assert begun["ProjectVersionArn"] == arn
    assert begun["Status"] == "TRAINING_IN_PROGRESS"
    assert begun["StatusMessage"] == "The model is being trained."
    assert "EvaluationResult" not in begun
    return Model(project_arn, train_arn, test_arn, arn)


def check_description(
    lab: Lab, model: Model, description: ProjectVersionDescriptionTypeDef
) -> None:
    assert description["Status"] == "TRAINING_COMPLETED"
    assert description["StatusMessage"] == "The model is ready to run."
    assert description["VersionDescription"] == "Six of each"
    assert description["Feature"] == "CUSTOM_LABELS"
    assert description["OutputConfig"] == {"S3Bucket": lab.bucket, "S3KeyPrefix": "results/v1"}
    assert description["CreationTimestamp"] < description["TrainingEndTimestamp"]
    assert description["BillableTrainingTimeInSeconds"] > 0
    assert "MinInferenceUnits" not in description

    def assets(name: str) -> dict[str, Any]:
        key = f"results/v1/{name}{model.result_suffix}"
        assert lab.s3.head_object(Bucket=lab.bucket, Key=key)["ContentLength"] > 0
        return {"S3Object": {"Bucket": lab.bucket, "Name": key}}

    def result(files: dict[str, str], **auto_create: bool) -> dict[str, Any]:
        return {
            part: {"Assets": [{"GroundTruthManifest": assets(name)}]}
            | (auto_create if part == "Output" else {})
            for part, name in files.items()
        }

    assert description["TrainingDataResult"] == {"Input": {}, **result(TRAINING_FILES)}
    assert description["TestingDataResult"] == {
        "Input": {"AutoCreate": False},
        **result(TESTING_FILES, AutoCreate=False),
    }
    assert description["ManifestSummary"] == assets("ManifestSummary")
    assert description["EvaluationResult"]["Summary"] == assets("EvaluationResultSummary")


def check_summary(model: Model, summary: dict[str, Any], f1_score: float) -> None:
    details = summary["EvaluationDetails"]
    assert details["ProjectVersionArn"] == model.arn
    assert details["Labels"] == list(KINDS)
    assert (details["NumberOfTrainingImages"], details["NumberOfTestingImages"]) == (18, 9)
    aggregated = summary["AggregatedEvaluationResults"]
    assert aggregated["F1Score"] == pytest.approx(f1_score)
    labels = summary["LabelEvaluationResults"]
    assert sorted(label["Label"] for label in labels) == list(KINDS)
    assert all(label["NumberOfTestingImages"] == 3 for label in labels)
    mean = sum(label["Metrics"]["F1Score"] for label in labels) / len(labels)
    assert aggregated["F1Score"] == pytest.approx(mean)
    matrix = sorted(aggregated["ConfusionMatrix"], key=lambda cell: str(cell["GroundTruthLabel"]))
    for _, row in groupby(matrix, lambda cell: cell["GroundTruthLabel"]):
        assert sum(cell["Value"] for cell in row) == pytest.approx(1)


def check_evaluation(lab: Lab, model: Model, summary: dict[str, Any]) -> None:
    """The report that AWS does not give agrees with the one that it gives."""
    path = f"/_lensmith/projects/{model.project_arn.split('/')[1]}/versions/v1"
    caller = SignedCaller(lab.server)
    report = caller.call("GET", f"{path}/evaluation")
    given = {label["label"]: label for label in report["labels"]}
    for label in summary["LabelEvaluationResults"]:
        assert given[label["Label"]]["f1_score"] == pytest.approx(label["Metrics"]["F1Score"])
        assert given[label["Label"]]["threshold"] == pytest.approx(label["Metrics"]["Threshold"])
    assert caller.call("GET", f"{path}/evaluation/images")["total"] == 9
    trained = caller.call("GET", f"{path}/training")["report"]
    assert trained["choice"]["trial"]["log_loss"] >= 0
    assert 0 <= trained["expected_calibration_error"] <= 1
    assert trained["budget_seconds"] == int(lab.server.given["LENSMITH_TRAINING_BUDGET"])


def start(lab: Lab, model: Model) -> None:
    with pytest.raises(lab.rekognition.exceptions.ResourceNotReadyException):
        lab.detect(model.arn, flowers("unseen", 1)[0].jpeg())
    answer = lab.rekognition.start_project_version(ProjectVersionArn=model.arn, MinInferenceUnits=1)
    assert answer["Status"] == "STARTING"
    running = lab.await_version(model.project_arn, RUNNING)
    assert running["MinInferenceUnits"] == 1


def check_detections(lab: Lab, model: Model, summary: dict[str, Any]) -> None:
    thresholds = {
        label["Label"]: 100 * label["Metrics"]["Threshold"]
        for label in summary["LabelEvaluationResults"]
    }
    for picture in flowers("unseen", 2):
        key = f"life/unseen/{picture.name}"
        lab.s3.put_object(Bucket=lab.bucket, Key=key, Body=picture.jpeg())
        everything = lab.detect(model.arn, picture.jpeg(), MinConfidence=0)
        in_s3 = lab.detect(model.arn, {"Bucket": lab.bucket, "Name": key}, MinConfidence=0)
        assert in_s3 == everything
        assert sorted(found["Name"] for found in everything) == list(KINDS)
        assert everything[0]["Name"] == picture.label
        assert sum(found["Confidence"] for found in everything) == pytest.approx(100, abs=0.01)
        assert not any("Geometry" in found for found in everything)
        assert lab.detect(model.arn, picture.jpeg()) == [
            found for found in everything if found["Confidence"] >= thresholds[found["Name"]]
        ]
        assert lab.detect(model.arn, picture.jpeg(), MinConfidence=0, MaxResults=1) == [
            everything[0]
        ]


def check_tags(lab: Lab, model: Model) -> None:
    def tags(arn: str) -> dict[str, str]:
        return lab.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"]

    assert tags(model.project_arn) == {"garden": "north"}
    lab.rekognition.tag_resource(ResourceArn=model.arn, Tags={"season": "autumn", "bed": "3"})
    assert tags(model.arn) == {"season": "autumn", "bed": "3"}
    lab.rekognition.untag_resource(ResourceArn=model.arn, TagKeys=["season"])
    assert tags(model.arn) == {"bed": "3"}


def check_copy(lab: Lab, model: Model, source: ProjectVersionDescriptionTypeDef) -> None:
    """A copy has the results as training wrote them, whatever became of the files since."""
    lost = source["ManifestSummary"]["S3Object"]
    written = body(lab, lost)
    lab.s3.delete_object(Bucket=lost["Bucket"], Key=lost["Name"])
    project_arn = lab.create_project()
    output = {"S3Bucket": lab.bucket, "S3KeyPrefix": "copies"}
    begin_copy(
        lab.rekognition, model.arn, model.project_arn, project_arn, "v2", OutputConfig=output
    )
    copied = await_copy(lab.rekognition, project_arn, "v2")
    assert copied["Status"] == "COPYING_COMPLETED"
    assert body(lab, copied["ManifestSummary"]["S3Object"]) == written
    assert lab.summary(copied) == lab.summary(source)
    caller = SignedCaller(lab.server)
    paths = (
        f"/_lensmith/projects/{arn.split('/')[1]}/versions/{version}/evaluation"
        for arn, version in ((model.project_arn, "v1"), (project_arn, "v2"))
    )
    of_source, of_copy = (caller.call("GET", path) for path in paths)
    assert of_copy == of_source


def body(lab: Lab, place: S3ObjectTypeDef) -> bytes:
    return lab.s3.get_object(Bucket=place["Bucket"], Key=place["Name"])["Body"].read()


def delete(lab: Lab, model: Model) -> None:
    rekognition = lab.rekognition
    answer = rekognition.delete_project_version(ProjectVersionArn=model.arn)
    assert answer["Status"] == "DELETING"
    until(lambda: lab.versions(model.project_arn), lambda versions: versions == [])
    for dataset_arn in (model.train_arn, model.test_arn):
        rekognition.delete_dataset(DatasetArn=dataset_arn)
    until(lambda: [code(lab, arn) for arn in (model.train_arn, model.test_arn)], all_gone)
    assert rekognition.delete_project(ProjectArn=model.project_arn)["Status"] == "DELETING"
    name = model.project_arn.split("/")[1]
    until(
        lambda: rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"],
        lambda projects: projects == [],
    )


def code(lab: Lab, dataset_arn: str) -> str:
    """The error that DescribeDataset ends in, or the dataset's status."""
    try:
        return lab.rekognition.describe_dataset(DatasetArn=dataset_arn)["DatasetDescription"][
            "Status"
        ]
    except ClientError as error:
        return error.response["Error"]["Code"]


def all_gone(codes: list[str]) -> bool:
    assert set(codes) <= {"DELETE_IN_PROGRESS", "ResourceNotFoundException"}
    return set(codes) == {"ResourceNotFoundException"}
