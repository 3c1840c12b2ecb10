"""DescribeProjectVersions: which member is present when (api.md 2.17, evaluation.md 5)."""

from __future__ import annotations

from typing import Any

from lensmith.domain.project_version import ProjectVersion, ResultFile
from lensmith.operations import page
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import viewing
from lensmith.operations.projects import FEATURE
from lensmith.store.records import project_versions


def describe_project_versions(service: Service, call: Call) -> dict[str, Any]:
    """List versions, newest first; names that do not exist are left out."""
    size = page.page_size(call)
    with viewing(service, call) as owned:
        project = owned.project(call.request["ProjectArn"])
        found = project_versions.page(
            owned.connection,
            project.id,
            names=call.request.get("VersionNames") or (),
            before_id=page.start(service, call),
            limit=size + 1,
        )
    last = found[size - 1].id if len(found) > size else None
    return {
        "ProjectVersionDescriptions": [describe(version) for version in found[:size]],
        **page.next_token(service, call, last),
    }


def describe(version: ProjectVersion) -> dict[str, Any]:
    """Describe one version, without the members that have no value yet."""
    members = {
        "ProjectVersionArn": version.arn,
        "CreationTimestamp": version.created_ms / 1000,
        "Status": version.status.value,
        "StatusMessage": version.status_message,
        "OutputConfig": {
            "S3Bucket": version.output_bucket,
            "S3KeyPrefix": version.output_prefix,
        },
        "Feature": FEATURE,
        "VersionDescription": version.description,
        "KmsKeyId": version.kms_key_id,
        "MinInferenceUnits": version.min_units,
        "MaxInferenceUnits": version.max_units,
        "SourceProjectVersionArn": version.source_version_arn,
        "BillableTrainingTimeInSeconds": version.billable_seconds,
        "TrainingEndTimestamp": _seconds(version.training_end_ms),
        **_results(version),
    }
    return {name: value for name, value in members.items() if value is not None}


def _results(version: ProjectVersion) -> dict[str, Any]:
    """Name the training's result files; empty while it runs or if it wrote no file."""
    if not version.result_files:
        return {}
    return {
        "ManifestSummary": _file(version, ResultFile.MANIFEST_SUMMARY),
        "TrainingDataResult": _training_data(version),
        "TestingDataResult": _testing_data(version),
        "EvaluationResult": _evaluation(version),
    }


def _training_data(version: ProjectVersion) -> dict[str, Any]:
    return {
        "Input": version.training_input,
        **_assets("Output", version, ResultFile.TRAINING_GROUND_TRUTH),
        **_assets("Validation", version, ResultFile.TRAINING_VALIDATION),
    }


def _testing_data(version: ProjectVersion) -> dict[str, Any]:
    auto_create = {"AutoCreate": bool(version.testing_input.get("AutoCreate"))}
    output = _assets("Output", version, ResultFile.TESTING_GROUND_TRUTH)
    return {
        "Input": {**version.testing_input, **auto_create},
        **{name: {**assets, **auto_create} for name, assets in output.items()},
        **_assets("Validation", version, ResultFile.TESTING_VALIDATION),
    }


def _evaluation(version: ProjectVersion) -> dict[str, Any] | None:
    summary = _file(version, ResultFile.EVALUATION_SUMMARY)
    if summary is None or version.f1_score is None:
        return None
    return {"F1Score": version.f1_score, "Summary": summary}


def _assets(member: str, version: ProjectVersion, file: ResultFile) -> dict[str, Any]:
    """Return `{member: {"Assets": [the file]}}`, empty if the file was not written."""
    manifest = _file(version, file)
    return {member: {"Assets": [{"GroundTruthManifest": manifest}]}} if manifest else {}


def _file(version: ProjectVersion, file: ResultFile) -> dict[str, Any] | None:
    key = version.result_files.get(file.value)
    return {"S3Object": {"Bucket": version.output_bucket, "Name": key}} if key else None


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
