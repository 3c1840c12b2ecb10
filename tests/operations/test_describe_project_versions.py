"""Which member a description has when (api.md 2.17, evaluation.md 5)."""

from __future__ import annotations

from typing import Any

from tests.operations.bench import Bench

from lensmith.domain.project_version import ProjectVersion, ResultFile, VersionStatus
from lensmith.store.records import project_versions

RESULTS = {"ManifestSummary", "TrainingDataResult", "TestingDataResult", "EvaluationResult"}
VALIDATION = (
    ResultFile.MANIFEST_SUMMARY,
    ResultFile.TRAINING_VALIDATION,
    ResultFile.TESTING_VALIDATION,
)


def finish(bench: Bench, version: ProjectVersion, status: VersionStatus, **values: Any) -> None:
    with bench.service.records.write() as connection:
        message = None if status is VersionStatus.TRAINING_COMPLETED else "Too few labels."
        project_versions.finish_training(connection, version.id, status, message, **values)


def described(bench: Bench, version: ProjectVersion) -> dict[str, Any]:
    project = version.arn.split("/version/")[0]
    (found,) = bench.ask("DescribeProjects")["ProjectDescriptions"]
    assert found["ProjectArn"].startswith(project)
    answer = bench.ask("DescribeProjectVersions", ProjectArn=found["ProjectArn"])
    (description,) = answer["ProjectVersionDescriptions"]
    return dict(description)


def files(*kinds: ResultFile) -> dict[str, str]:
    return {kind.value: kind.key("run", "parts", "v1") for kind in kinds}


def manifest(kind: ResultFile) -> dict[str, Any]:
    return {"GroundTruthManifest": location(kind)}


def location(kind: ResultFile) -> dict[str, Any]:
    return {"S3Object": {"Bucket": "results", "Name": f"run/{kind.value}-parts-v1.json"}}


def test_a_trained_version_has_every_result(bench: Bench) -> None:
    version = bench.version(bench.project())
    finish(
        bench,
        version,
        VersionStatus.TRAINING_COMPLETED,
        result_files=files(*ResultFile),
        f1_score=0.9312,
        billable_seconds=1638,
    )
    description = described(bench, version)
    assert description["StatusMessage"] == "The model is ready to run."
    assert description["BillableTrainingTimeInSeconds"] == 1638
    assert description["TrainingEndTimestamp"] > description["CreationTimestamp"] - 1
    assert {name: description[name] for name in RESULTS} == {
        "ManifestSummary": location(ResultFile.MANIFEST_SUMMARY),
        "EvaluationResult": {
            "F1Score": 0.9312,
            "Summary": location(ResultFile.EVALUATION_SUMMARY),
        },
        "TrainingDataResult": {
            "Input": {},
            "Output": {"Assets": [manifest(ResultFile.TRAINING_GROUND_TRUTH)]},
            "Validation": {"Assets": [manifest(ResultFile.TRAINING_VALIDATION)]},
        },
        "TestingDataResult": {
            "Input": {"AutoCreate": False},
            "Output": {
                "Assets": [manifest(ResultFile.TESTING_GROUND_TRUTH)],
                "AutoCreate": False,
            },
            "Validation": {"Assets": [manifest(ResultFile.TESTING_VALIDATION)]},
        },
    }
    assert not {"MinInferenceUnits", "MaxInferenceUnits", "KmsKeyId"} & description.keys()


def test_content_errors_show_validation_only(bench: Bench) -> None:
    version = bench.version(bench.project())
    finish(bench, version, VersionStatus.TRAINING_FAILED, result_files=files(*VALIDATION))
    description = described(bench, version)
    assert description["Status"] == "TRAINING_FAILED"
    assert description["StatusMessage"] == "Too few labels."
    assert RESULTS & description.keys() == RESULTS - {"EvaluationResult"}
    assert description["TrainingDataResult"].keys() == {"Input", "Validation"}
    assert description["TestingDataResult"].keys() == {"Input", "Validation"}
    assert "BillableTrainingTimeInSeconds" not in description
    assert "TrainingEndTimestamp" in description


def test_file_errors_show_no_result(bench: Bench) -> None:
    version = bench.version(bench.project())
    finish(bench, version, VersionStatus.TRAINING_FAILED, result_files={})
    description = described(bench, version)
    assert not RESULTS & description.keys()
    assert "TrainingEndTimestamp" in description


def test_manifests_in_s3_are_echoed(bench: Bench) -> None:
    assets = [{"GroundTruthManifest": {"S3Object": {"Bucket": "in", "Name": "a.manifest"}}}]
    project = bench.project()
    bench.ask(
        "CreateProjectVersion",
        ProjectArn=project.arn,
        VersionName="v1",
        OutputConfig={"S3Bucket": "results"},
        TrainingData={"Assets": assets},
        TestingData={"AutoCreate": True},
    )
    with bench.service.records.read() as connection:
        (version,) = project_versions.page(connection, project.id, limit=1)
    finish(
        bench,
        version,
        VersionStatus.TRAINING_COMPLETED,
        result_files=files(*ResultFile),
        f1_score=1.0,
    )
    description = described(bench, version)
    assert description["OutputConfig"] == {"S3Bucket": "results", "S3KeyPrefix": ""}
    assert description["TrainingDataResult"]["Input"] == {"Assets": assets}
    assert description["TestingDataResult"]["Input"] == {"AutoCreate": True}
    assert description["TestingDataResult"]["Output"]["AutoCreate"] is True


def test_units_stay_after_stopping(bench: Bench) -> None:
    version = bench.version(bench.project(), status=VersionStatus.STOPPED)
    with bench.service.records.write() as connection:
        project_versions.set_units(connection, version.id, 1, None)
    description = described(bench, version)
    assert description["MinInferenceUnits"] == 1
    assert "MaxInferenceUnits" not in description


def test_pages_newest_first_and_names(bench: Bench) -> None:
    project = bench.project()
    for number in range(3):
        bench.version(project, f"v{number}")
    on_project = {"ProjectArn": project.arn}
    first = bench.ask("DescribeProjectVersions", **on_project, MaxResults=2)
    second = bench.ask(
        "DescribeProjectVersions", **on_project, MaxResults=2, NextToken=first["NextToken"]
    )
    found = first["ProjectVersionDescriptions"] + second["ProjectVersionDescriptions"]
    assert [each["ProjectVersionArn"].split("/")[3] for each in found] == ["v2", "v1", "v0"]
    assert "NextToken" not in second
    named = bench.ask("DescribeProjectVersions", **on_project, VersionNames=["v1", "unknown"])
    assert len(named["ProjectVersionDescriptions"]) == 1
    other = bench.project("other")
    refusal = bench.refusal(
        "DescribeProjectVersions", ProjectArn=other.arn, NextToken=first["NextToken"]
    )
    assert refusal == "InvalidPaginationTokenException"
    refusal = bench.refusal("DescribeProjectVersions", ProjectArn=other.arn + "0")
    assert refusal == "ResourceNotFoundException"
