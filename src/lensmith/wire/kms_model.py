"""Reads the service model `kms/2014-11-01`."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

SERVICE_NAME = "kms"
TARGET_PREFIX = "TrentService."


def input_shape(name: str) -> StructureShape:
    shape = _operation(name).input_shape
    assert isinstance(shape, StructureShape)
    return shape


def output_shape(name: str) -> StructureShape | None:
    """Return the shape of a reply; None for an operation that answers nothing."""
    shape = _operation(name).output_shape
    return shape if isinstance(shape, StructureShape) else None


@cache
def error_codes(name: str) -> frozenset[str]:
    """Return the codes of the errors that an operation may answer with."""
    return frozenset(shape.name for shape in _operation(name).error_shapes)


@cache
def _operation(name: str) -> OperationModel:
    return _service_model().operation_model(name)


@cache
def _service_model() -> ServiceModel:
    description = Loader().load_service_model(SERVICE_NAME, "service-2", "2014-11-01")
    return ServiceModel(description, SERVICE_NAME)
