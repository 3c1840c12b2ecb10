"""Reads the service models of IAM, STS and CloudFormation, which speak the Query protocol."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape


@dataclass(frozen=True, slots=True)
class QueryModel:
    """A service, by the name in the scope of its signatures, and the version of its API."""

    name: str
    version: str
    namespace: str

    def input_shape(self, operation: str) -> StructureShape:
        """Return the shape of a request; one without members where the model has none."""
        shape = self._operation(operation).input_shape
        return shape if isinstance(shape, StructureShape) else _NOTHING

    def output_shape(self, operation: str) -> StructureShape | None:
        shape = self._operation(operation).output_shape
        return shape if isinstance(shape, StructureShape) else None

    def _operation(self, name: str) -> OperationModel:
        return _service_model(self.name, self.version).operation_model(name)


IAM = QueryModel("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/")
STS = QueryModel("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/")
CLOUDFORMATION = QueryModel(
    "cloudformation", "2010-05-15", "http://cloudformation.amazonaws.com/doc/2010-05-15/"
)

_NOTHING = StructureShape("Nothing", {"type": "structure", "members": {}})


@cache
def _service_model(name: str, version: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2", version), name)
