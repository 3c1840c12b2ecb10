"""The table of operations: name, needed permissions, handler."""

from __future__ import annotations

from lensmith.operations import permissions
from lensmith.operations.call import Operation, blocking
from lensmith.operations.copy_project_version import copy_project_version
from lensmith.operations.dataset_entries import (
    distribute_dataset_entries,
    list_dataset_entries,
    list_dataset_labels,
    update_dataset_entries,
)
from lensmith.operations.datasets import create_dataset, delete_dataset, describe_dataset
from lensmith.operations.describe_project_versions import describe_project_versions
from lensmith.operations.detect_custom_labels import detect_custom_labels
from lensmith.operations.hosting import start_project_version, stop_project_version
from lensmith.operations.permissions import on_everything, on_member
from lensmith.operations.project_policies import (
    delete_project_policy,
    list_project_policies,
    put_project_policy,
)
from lensmith.operations.project_versions import create_project_version, delete_project_version
from lensmith.operations.projects import create_project, delete_project, describe_projects
from lensmith.operations.tags import list_tags_for_resource, tag_resource, untag_resource

_PROJECT = on_member("ProjectArn")
_DATASET = on_member("DatasetArn")
_VERSION = on_member("ProjectVersionArn")
_RESOURCE = on_member("ResourceArn")

_ROWS = (
    Operation("CreateProject", permissions.create_project, blocking(create_project)),
    Operation("DescribeProjects", on_everything, blocking(describe_projects)),
    Operation("DeleteProject", _PROJECT, blocking(delete_project)),
    Operation("PutProjectPolicy", _PROJECT, blocking(put_project_policy)),
    Operation("ListProjectPolicies", _PROJECT, blocking(list_project_policies)),
    Operation("DeleteProjectPolicy", _PROJECT, blocking(delete_project_policy)),
    Operation("CreateDataset", permissions.create_dataset, blocking(create_dataset)),
    Operation("DescribeDataset", _DATASET, blocking(describe_dataset)),
    Operation("ListDatasetEntries", _DATASET, blocking(list_dataset_entries)),
    Operation("ListDatasetLabels", _DATASET, blocking(list_dataset_labels)),
    Operation("UpdateDatasetEntries", _DATASET, blocking(update_dataset_entries)),
    Operation(
        "DistributeDatasetEntries",
        permissions.distribute_dataset_entries,
        blocking(distribute_dataset_entries),
    ),
    Operation("DeleteDataset", _DATASET, blocking(delete_dataset)),
    Operation(
        "CreateProjectVersion", permissions.create_project_version, blocking(create_project_version)
    ),
    Operation(
        "CopyProjectVersion", permissions.copy_project_version, blocking(copy_project_version)
    ),
    Operation("DescribeProjectVersions", _PROJECT, blocking(describe_project_versions)),
    Operation("DeleteProjectVersion", _VERSION, blocking(delete_project_version)),
    Operation("StartProjectVersion", _VERSION, blocking(start_project_version)),
    Operation("StopProjectVersion", _VERSION, blocking(stop_project_version)),
    Operation("DetectCustomLabels", _VERSION, detect_custom_labels, pool="detection"),
    Operation("TagResource", _RESOURCE, blocking(tag_resource)),
    Operation("UntagResource", permissions.untag_resource, blocking(untag_resource)),
    Operation("ListTagsForResource", _RESOURCE, blocking(list_tags_for_resource)),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
