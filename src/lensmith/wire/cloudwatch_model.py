"""Reads the part of the service model `cloudwatch/2010-08-01` that Lensmith serves (api.md 5)."""

from __future__ import annotations

from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

from lensmith.domain.errors import UnknownOperationException

API_VERSION = "2010-08-01"
TARGET = "GraniteServiceVersion20100801"
"""Before the dot in `X-Amz-Target`, and in the path of a CBOR request."""

XML_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"
OPERATIONS = ("GetMetricData", "GetMetricStatistics", "ListMetrics")


def known(name: str) -> str:
    """Return the name of an operation that is served; raises UnknownOperationException."""
    if name not in OPERATIONS:
        raise UnknownOperationException(f"Operation {name[:128]} is not offered by this server.")
    return name


@cache
def input_shape(name: str) -> StructureShape:
    shape = _operation(name).input_shape
    assert isinstance(shape, StructureShape)
    return shape


@cache
def output_shape(name: str) -> StructureShape:
    shape = _operation(name).output_shape
    assert isinstance(shape, StructureShape)
    return shape


def _operation(name: str) -> OperationModel:
    return _service_model().operation_model(name)


@cache
def _service_model() -> ServiceModel:
    description = Loader().load_service_model("cloudwatch", "service-2", API_VERSION)
    return ServiceModel(description, "cloudwatch")
