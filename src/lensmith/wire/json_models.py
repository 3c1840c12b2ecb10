"""Reads the service models of AWS APIs that speak JSON 1.1 beside Custom Labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape


@dataclass(frozen=True, slots=True)
class JsonModel:
    """A service: in the scope of signatures, in botocore's data, and in `X-Amz-Target`."""

    name: str
    folder: str
    version: str
    target: str

    def input_shape(self, operation: str) -> StructureShape:
        shape = self._operation(operation).input_shape
        assert isinstance(shape, StructureShape)
        return shape

    def output_shape(self, operation: str) -> StructureShape:
        shape = self._operation(operation).output_shape
        assert isinstance(shape, StructureShape)
        return shape

    def _operation(self, name: str) -> OperationModel:
        return _service_model(self.folder, self.version).operation_model(name)


CLOUDTRAIL = JsonModel(
    "cloudtrail",
    "cloudtrail",
    "2013-11-01",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.",
)
SERVICE_QUOTAS = JsonModel(
    "servicequotas", "service-quotas", "2019-06-24", "ServiceQuotasV20190624."
)


@cache
def _service_model(folder: str, version: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(folder, "service-2", version), folder)
