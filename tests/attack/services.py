"""The services that are attacked: botocore's model of each, its protocol, what is served of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

from lensmith.gateway.grammar.table import OPERATIONS as S3_OPERATIONS
from lensmith.operations.cloudformation.table import OPERATIONS as CLOUDFORMATION
from lensmith.operations.cloudtrail.table import OPERATIONS as CLOUDTRAIL
from lensmith.operations.cloudwatch import OPERATIONS as CLOUDWATCH
from lensmith.operations.iam.table import OPERATIONS as IAM
from lensmith.operations.kms.table import OPERATIONS as KMS
from lensmith.operations.quotas.table import OPERATIONS as QUOTAS
from lensmith.operations.sts.table import OPERATIONS as STS
from lensmith.operations.table import OPERATIONS as REKOGNITION


@dataclass(frozen=True)
class AttackedService:
    """`name` is that in the scope of signatures, `folder` that of botocore's data.

    The model is read by the test that needs it, not by all that collect it.
    """

    name: str
    folder: str
    protocol: str
    served: tuple[str, ...]

    @classmethod
    def of(
        cls, name: str, protocol: str, served: Iterable[str], folder: str = ""
    ) -> AttackedService:
        return cls(name, folder or name, protocol, tuple(served))

    @property
    def label(self) -> str:
        return f"{self.name}-{self.protocol}"

    @property
    def model(self) -> ServiceModel:
        return _model(self.folder)

    @property
    def names(self) -> tuple[str, ...]:
        """Operations, those that are served often, then all that the model has."""
        known = self.model.operation_names
        served = tuple(one for one in self.served if one in known)
        return served * max(1, 400 // len(served)) + tuple(known)

    def operation(self, name: str) -> OperationModel:
        return self.model.operation_model(name)

    def input_shape(self, name: str) -> StructureShape | None:
        shape = self.operation(name).input_shape
        return shape if isinstance(shape, StructureShape) else None

    def output_shape(self, name: str) -> Shape | None:
        return self.operation(name).output_shape


@cache
def _model(folder: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(folder, "service-2"), folder)


SERVICES = (
    AttackedService.of("rekognition", "json", REKOGNITION),
    AttackedService.of("kms", "json", KMS),
    AttackedService.of("cloudtrail", "json", CLOUDTRAIL),
    AttackedService.of("servicequotas", "json", QUOTAS, "service-quotas"),
    AttackedService.of("monitoring", "json", CLOUDWATCH, "cloudwatch"),
    AttackedService.of("monitoring", "query", CLOUDWATCH, "cloudwatch"),
    AttackedService.of("monitoring", "smithy-rpc-v2-cbor", CLOUDWATCH, "cloudwatch"),
    AttackedService.of("iam", "query", IAM),
    AttackedService.of("sts", "query", STS),
    AttackedService.of("cloudformation", "query", CLOUDFORMATION),
    AttackedService.of("s3", "rest-xml", (one.name for one in S3_OPERATIONS)),
)
