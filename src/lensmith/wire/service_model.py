"""Reads the part of the service model `rekognition/2016-06-27` that Lensmith serves (api.md 1, 2).

botocore ships the model as data; every shape, constraint and error list is read from there.
"""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

from lensmith.domain.errors import UnknownOperationException

TARGET_PREFIX = "RekognitionService."

CUSTOM_LABELS_OPERATIONS = (
    "CreateProject",
    "DeleteProject",
    "DescribeProjects",
    "PutProjectPolicy",
    "ListProjectPolicies",
    "DeleteProjectPolicy",
    "CreateDataset",
    "DeleteDataset",
    "DescribeDataset",
    "DistributeDatasetEntries",
    "ListDatasetEntries",
    "ListDatasetLabels",
    "UpdateDatasetEntries",
    "CreateProjectVersion",
    "CopyProjectVersion",
    "DeleteProjectVersion",
    "DescribeProjectVersions",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "DetectCustomLabels",
    "StartProjectVersion",
    "StopProjectVersion",
)


def operation_named_by(target: str | None) -> str:
    """Return the operation named by an `X-Amz-Target` header.

    Raises UnknownOperationException for anything but a Custom Labels operation (api.md 1.2).
    """
    name = (target or "").removeprefix(TARGET_PREFIX)
    if name == target or name not in CUSTOM_LABELS_OPERATIONS:
        raise UnknownOperationException(f"Unknown operation: {(target or '(none)')[:128]}")
    return name


@cache
def operation_model(name: str) -> OperationModel:
    return _service_model().operation_model(name)


@cache
def input_shape(name: str) -> StructureShape:
    shape = operation_model(name).input_shape
    assert isinstance(shape, StructureShape)
    return shape


@cache
def output_shape(name: str) -> StructureShape:
    shape = operation_model(name).output_shape
    assert isinstance(shape, StructureShape)
    return shape


@cache
def error_codes(name: str) -> frozenset[str]:
    """Return the codes of the errors that an operation may answer with."""
    return frozenset(shape.name for shape in operation_model(name).error_shapes)


@cache
def _service_model() -> ServiceModel:
    description = Loader().load_service_model("rekognition", "service-2", "2016-06-27")
    return ServiceModel(description, "rekognition")
