"""Making and deleting versions: data sources, snapshots, quotas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.operations.bench import Bench

from lensmith.domain.dataset import Dataset, DatasetStatus, DatasetType
from lensmith.domain.errors import InvalidParameterException
from lensmith.domain.job import Job, JobKind
from lensmith.domain.project import Project, ProjectStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.domain.time_budget import TIME_BUDGET_TAG
from lensmith.operations import owned
from lensmith.operations import project_versions as under_test
from lensmith.store.published.index import CONTENT
from lensmith.store.records import datasets, entries, jobs, leases, projects
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.labels import LabelIndex
from lensmith.store.records.leases import Lease
from lensmith.store.sealed.folder import open_sealed

OUTPUT = {"S3Bucket": "results", "S3KeyPrefix": "run/"}
ASSETS = [{"GroundTruthManifest": {"S3Object": {"Bucket": "in", "Name": "a.manifest"}}}]
OTHER_ASSETS = [
    {"GroundTruthManifest": {"S3Object": {"Bucket": "in", "Name": "b", "Version": "2"}}}
]

LEASE = Lease("test", 30)


def fill(bench: Bench, dataset: Dataset, *lines: str) -> None:
    with bench.service.records.write() as connection:
        label_index = LabelIndex.open(connection, dataset.id)
        new = [NewEntry(line, line, False, False, {}) for line in lines]
        entries.add(connection, label_index, enumerate(new))
        entries.refresh_stats(connection, dataset.id)


def training_job(bench: Bench, arn: str) -> Job:
    with bench.service.records.read() as connection:
        job = jobs.of_resource(connection, arn)
    assert job is not None
    assert job.kind is JobKind.TRAIN
    return job


def request(project: Project, **more: Any) -> dict[str, Any]:
    return {"ProjectArn": project.arn, "VersionName": "v1", "OutputConfig": OUTPUT, **more}


def snapshots(bench: Bench) -> list[Path]:
    """The published ones; none is left where it was written."""
    settings = bench.service.settings
    assert list(settings.snapshots_directory.glob("*")) == []
    return list(settings.files_directory.glob("*"))


def test_both_datasets_are_frozen(bench: Bench) -> None:
    project = bench.project()
    train, test = bench.dataset(project), bench.dataset(project, DatasetType.TEST)
    fill(bench, train, '{"source-ref":"s3://in/ä.png"}', '{"source-ref":"s3://in/2.png"}')
    fill(bench, test, '{"source-ref":"s3://in/3.png"}')
    arn = bench.ask("CreateProjectVersion", **request(project))["ProjectVersionArn"]
    job = training_job(bench, arn)
    assert job.payload == {
        "snapshot": job.payload["snapshot"],
        "training_manifest": None,
        "testing_manifest": None,
        "auto_split": False,
        "move_split": False,
        "train_dataset_arn": train.arn,
        "project_arn": project.arn,
        "budget_seconds": None,
    }
    (folder,) = snapshots(bench)
    assert folder.name == job.payload["snapshot"]
    frozen = {file.name: file.read_text("utf-8") for file in (folder / CONTENT).iterdir()}
    assert frozen == {
        "train.manifest": '{"source-ref":"s3://in/ä.png"}\n{"source-ref":"s3://in/2.png"}\n',
        "test.manifest": '{"source-ref":"s3://in/3.png"}\n',
    }
    assert bench.job_wakes


def test_a_tag_sets_the_time_budget_or_is_refused(bench: Bench) -> None:
    project = bench.project()
    fill(bench, bench.dataset(project), '{"source-ref":"s3://in/1.png"}')
    refused = request(project, Tags={TIME_BUDGET_TAG: "soon"})
    with pytest.raises(InvalidParameterException, match="number of seconds"):
        bench.ask("CreateProjectVersion", **refused)
    assert snapshots(bench) == []
    given = request(project, Tags={TIME_BUDGET_TAG: "120"})
    arn = bench.ask("CreateProjectVersion", **given)["ProjectVersionArn"]
    assert training_job(bench, arn).payload["budget_seconds"] == 120


def test_a_train_dataset_alone_is_split_and_moved(bench: Bench) -> None:
    project = bench.project()
    train = bench.dataset(project)
    fill(bench, train, '{"source-ref":"s3://in/1.png"}')
    arn = bench.ask("CreateProjectVersion", **request(project))["ProjectVersionArn"]
    payload = training_job(bench, arn).payload
    assert payload["auto_split"] is payload["move_split"] is True
    (folder,) = snapshots(bench)
    assert [file.name for file in (folder / CONTENT).iterdir()] == ["train.manifest"]


def test_manifests_in_s3_are_named_in_the_job(bench: Bench) -> None:
    project = bench.project()
    sources = {"TrainingData": {"Assets": ASSETS}, "TestingData": {"Assets": OTHER_ASSETS}}
    answer = bench.ask("CreateProjectVersion", **request(project, **sources))
    payload = training_job(bench, answer["ProjectVersionArn"]).payload
    assert payload["training_manifest"] == {"Bucket": "in", "Name": "a.manifest"}
    assert payload["testing_manifest"] == {"Bucket": "in", "Name": "b", "Version": "2"}
    assert payload["auto_split"] is payload["move_split"] is False
    assert payload["snapshot"] is payload["train_dataset_arn"] is None
    assert snapshots(bench) == []


def test_a_snapshot_under_a_key_is_sealed(bench: Bench) -> None:
    bench = bench.with_key("alias/mine")
    project = bench.project()
    bench.dataset(project, total_entries=1)
    answer = bench.ask("CreateProjectVersion", **request(project, KmsKeyId="alias/mine"))
    payload = training_job(bench, answer["ProjectVersionArn"]).payload
    settings, records = bench.service.settings, bench.service.records
    folder = settings.files_directory / payload["snapshot"] / CONTENT
    assert (folder / "train.manifest").read_bytes().startswith(b"LSMENC")
    sealed = open_sealed(settings, records, folder)
    assert sealed is not None
    assert (sealed / "train.manifest").read_bytes() == b""


def test_a_manifest_in_s3_can_be_split(bench: Bench) -> None:
    project = bench.project()
    sources = {"TrainingData": {"Assets": ASSETS}, "TestingData": {"AutoCreate": True}}
    answer = bench.ask("CreateProjectVersion", **request(project, **sources))
    payload = training_job(bench, answer["ProjectVersionArn"]).payload
    assert payload["testing_manifest"] is None
    assert (payload["auto_split"], payload["move_split"]) == (True, False)


def test_the_version_is_visible_at_once(bench: Bench) -> None:
    bench = bench.with_key("alias/mine")
    project = bench.project()
    more = {
        "TrainingData": {"Assets": ASSETS},
        "TestingData": {"AutoCreate": True},
        "Tags": {"team": "a"},
        "KmsKeyId": "alias/mine",
        "VersionDescription": "first try",
    }
    arn = bench.ask("CreateProjectVersion", **request(project, **more))["ProjectVersionArn"]
    answer = bench.ask("DescribeProjectVersions", ProjectArn=project.arn)
    (description,) = answer["ProjectVersionDescriptions"]
    stamp = description.pop("CreationTimestamp")
    assert description == {
        "ProjectVersionArn": arn,
        "Status": "TRAINING_IN_PROGRESS",
        "StatusMessage": "The model is being trained.",
        "OutputConfig": OUTPUT,
        "Feature": "CUSTOM_LABELS",
        "KmsKeyId": "alias/mine",
        "VersionDescription": "first try",
    }
    assert round(stamp * 1000) == int(arn.rpartition("/")[2])
    assert bench.ask("ListTagsForResource", ResourceArn=arn) == {"Tags": {"team": "a"}}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"TrainingData": {"Assets": ASSETS}},
        {"TestingData": {"AutoCreate": True}},
        {"TrainingData": {"Assets": []}, "TestingData": {"AutoCreate": True}},
        {"TrainingData": {"Assets": ASSETS * 2}, "TestingData": {"AutoCreate": True}},
        {"TrainingData": {"Assets": [{}]}, "TestingData": {"AutoCreate": True}},
        {"TrainingData": {"Assets": ASSETS}, "TestingData": {"AutoCreate": False}},
        {
            "TrainingData": {"Assets": ASSETS},
            "TestingData": {"Assets": ASSETS, "AutoCreate": True},
        },
        {
            "TrainingData": {"Assets": ASSETS},
            "TestingData": {"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": "in"}}}]},
        },
        {
            "TrainingData": {"Assets": ASSETS},
            "TestingData": {"AutoCreate": True},
            "FeatureConfig": {"ContentModeration": {"ConfidenceThreshold": 50.0}},
        },
        {
            "TrainingData": {"Assets": ASSETS},
            "TestingData": {"AutoCreate": True},
            "OutputConfig": {"S3KeyPrefix": "run"},
        },
    ],
)
def test_sources_that_do_not_fit(bench: Bench, more: dict[str, Any]) -> None:
    refusal = bench.refusal("CreateProjectVersion", **{**request(bench.project()), **more})
    assert refusal == "InvalidParameterException"


def test_datasets_that_cannot_be_trained_with(bench: Bench) -> None:
    empty, no_train, both = bench.project("a"), bench.project("b"), bench.project("c")
    bench.dataset(empty)
    bench.dataset(no_train, DatasetType.TEST, total_entries=1)
    bench.dataset(both, total_entries=1)
    bench.dataset(both, DatasetType.TEST)
    for project in (empty, no_train, both):
        refusal = bench.refusal("CreateProjectVersion", **request(project))
        assert refusal == "InvalidParameterException"
    assert snapshots(bench) == []


def test_training_data_is_refused_beside_datasets(bench: Bench) -> None:
    project = bench.project()
    bench.dataset(project)
    sources = {"TrainingData": {"Assets": ASSETS}, "TestingData": {"AutoCreate": True}}
    refusal = bench.refusal("CreateProjectVersion", **request(project, **sources))
    assert refusal == "InvalidParameterException"


def test_a_version_name_is_taken_in_any_state(bench: Bench) -> None:
    project = bench.project()
    bench.version(project, "v1", VersionStatus.DELETING)
    assert bench.refusal("CreateProjectVersion", **request(project)) == "ResourceInUseException"


def test_a_deleting_project_takes_no_version(bench: Bench) -> None:
    project = bench.project()
    with bench.service.records.write() as connection:
        projects.set_status(connection, project.id, ProjectStatus.DELETING)
    assert bench.refusal("CreateProjectVersion", **request(project)) == "ResourceInUseException"


def test_quotas(bench: Bench) -> None:
    project = bench.project()
    bench.version(project, "v0", VersionStatus.TRAINING_IN_PROGRESS)
    refusals = {
        "LimitExceededException": bench.with_quotas(concurrent_trainings=1),
        "ServiceQuotaExceededException": bench.with_quotas(versions_per_project=1),
    }
    for code, limited in refusals.items():
        assert limited.refusal("CreateProjectVersion", **request(project)) == code


def test_a_change_while_freezing_is_refused_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = bench.project()
    train = bench.dataset(project)
    fill(bench, train, '{"source-ref":"s3://in/1.png"}')

    def after_an_update(service: Any, call: Any) -> Any:
        with service.records.write() as connection:
            datasets.set_status(connection, train.id, DatasetStatus.UPDATE_COMPLETE, "Updated.")
        return owned.changing(service, call)

    monkeypatch.setattr(under_test, "changing", after_an_update)
    assert bench.refusal("CreateProjectVersion", **request(project)) == "ResourceInUseException"
    assert snapshots(bench) == []


def test_delete_is_queued_once(bench: Bench) -> None:
    version = bench.version(bench.project(), status=VersionStatus.STOPPED)
    for _ in range(2):
        answer = bench.ask("DeleteProjectVersion", ProjectVersionArn=version.arn)
        assert answer == {"Status": "DELETING"}
    with bench.service.records.write() as connection:
        job = leases.claim(connection, [JobKind.DELETE_VERSION], LEASE, pid=1)
        assert job is not None
        assert job.resource_arn == version.arn
        assert leases.claim(connection, [JobKind.DELETE_VERSION], LEASE, pid=1) is None


def test_create_project_version_asks_for_allow_and_honours_deny(bench: Bench) -> None:
    project = bench.project()
    on_project, on_version = bench.permissions("CreateProjectVersion", **request(project))
    assert (on_project.resource, on_project.deny_only) == (project.arn, False)
    assert "/parts/version/v1/" in on_version.resource
    assert on_version.deny_only
    assert on_project.action == on_version.action == "rekognition:CreateProjectVersion"
