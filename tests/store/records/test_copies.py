"""Project policies and copies of versions, on every engine."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lensmith.domain.policy.project_policy import COPY_ACTION
from lensmith.domain.project import Project
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import artefacts, project_policies, project_versions, projects
from lensmith.store.records.engine import Records

DOCUMENT = f"""{{"Version": "2012-10-17", "Statement": {{"Effect": "ALLOW", "Principal": "*",
"Action": "{COPY_ACTION}", "Resource": "*"}}}}"""


def test_a_policy_has_one_revision(write: Connection, project: Project) -> None:
    first = project_policies.create(write, project.id, "shared", DOCUMENT)
    found = project_policies.find(write, project.id, "shared")
    assert found is not None
    assert (found.revision_id, found.document) == (first, DOCUMENT)
    second = project_policies.replace(write, found, DOCUMENT + "\n")
    project_policies.create(write, project.id, "other", DOCUMENT)
    listed = project_policies.page(write, project.id, limit=5)
    assert [policy.name for policy in listed] == ["shared", "other"]
    assert (listed[0].revision_id, listed[0].created_ms) == (second, found.created_ms)
    assert listed[0].updated_ms > found.updated_ms
    after = project_policies.page(write, project.id, after_id=listed[0].id, limit=5)
    assert after == listed[1:]
    project_policies.remove(write, listed[0])
    assert project_policies.count(write, project.id) == 1
    projects.remove(write, project)
    assert project_policies.count(write, project.id) == 0


def test_a_name_of_a_policy_is_taken_once(records: Records) -> None:
    with records.write() as connection:
        project = projects.create(connection, "000000000000", "us-east-1", "orchard")
        project_policies.create(connection, project.id, "shared", DOCUMENT)
    with pytest.raises(IntegrityError), records.write() as connection:
        project_policies.create(connection, project.id, "shared", DOCUMENT)


def test_a_copy_ends_as_its_source(write: Connection, project: Project) -> None:
    source = project_versions.create(
        write,
        project,
        "v1",
        output_bucket="results",
        output_prefix="",
        training_input={"Assets": []},
        testing_input={"AutoCreate": True},
    )
    project_versions.finish_training(
        write, source.id, VersionStatus.TRAINING_COMPLETED, result_files={}, f1_score=0.5
    )
    project_versions.set_own_thresholds(write, source.id, {"nut": 0.25})
    trained = project_versions.find(write, source.arn)
    assert trained is not None
    project_policies.create(write, project.id, "shared", DOCUMENT)
    assert len(project_policies.of_version(write, source.arn)) == 1
    assert project_policies.of_version(write, source.arn + "0") == ()

    output = {"output_bucket": "copies", "output_prefix": "c"}
    copy = project_versions.create_copy(write, project, "v2", trained, **output)
    assert project_versions.is_being_copied(write, trained)
    project_versions.finish_copy(write, copy, trained, {"ManifestSummary": "c/summary"}, "d" * 64)
    assert not project_versions.is_being_copied(write, trained)
    ended = project_versions.find(write, copy.arn)
    assert ended is not None
    assert ended.status is VersionStatus.COPYING_COMPLETED
    assert ended.source_version_arn == source.arn
    assert ended.result_files == {"ManifestSummary": "c/summary"}
    assert ended.billable_seconds is None
    assert artefacts.named(write) == {ended.artefact} == {"d" * 64}
    same = ("training_input", "testing_input", "training_end_ms", "f1_score", "own_thresholds")
    assert [getattr(ended, name) for name in same] == [getattr(trained, name) for name in same]
