"""Operations called as the API calls them, on real records and without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
from botocore.session import Session

from lensmith.config import Quotas
from lensmith.domain.caller import Caller
from lensmith.domain.dataset import Dataset, DatasetStats, DatasetStatus, DatasetType
from lensmith.domain.errors import OperationError, ProvisionedThroughputExceededException
from lensmith.domain.key import KeyName
from lensmith.domain.label import Prediction
from lensmith.domain.project import Project
from lensmith.domain.project_version import ProjectVersion, VersionStatus
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.kms.key_policy import default_policy
from lensmith.operations.table import OPERATIONS
from lensmith.serving.fleet import Detect, Load
from lensmith.store.records import accounts, datasets, keys, project_versions, projects
from lensmith.wire.json_protocol import serialize_response

T = TypeVar("T")

MODEL = Session().get_service_model("rekognition")
ACCOUNT = "111122223333"
CALLER = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ana", "AKIAEXAMPLE")


@dataclass
class RecordingFleet:
    """Stands where running models would: remembers what it was asked, answers as told."""

    prediction: Prediction = field(default_factory=lambda: Prediction((), {}))
    wakes: int = 0
    images: list[tuple[str, bytes]] = field(default_factory=list)
    is_full: bool = False

    def wake(self) -> None:
        self.wakes += 1

    @contextmanager
    def admission(self, version_arn: str) -> Iterator[Detect]:
        if self.is_full:
            raise ProvisionedThroughputExceededException

        async def detect(image: bytes) -> Prediction:
            self.images.append((version_arn, image))
            return self.prediction

        yield detect

    def load(self, version_arn: str) -> Load:
        return Load()


class _Inline:
    """Runs offloaded work at once."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        return work()

    async def unless_cached(self, work: Callable[[], T], /) -> T:
        return work()


async def _handled(service: Service, call: Call) -> dict[str, Any]:
    return await OPERATIONS[call.operation].handle(service, call, _Inline())


@dataclass
class Bench:
    """Calls operations as the API does, and puts the records into any state."""

    service: Service
    fleet: RecordingFleet
    job_wakes: list[str]
    caller: Caller = CALLER

    def with_key(self, alias: str) -> Bench:
        """A caller who may do everything, with a key of that alias."""
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": everything}
        region = self.service.settings.region
        with self.service.records.write() as connection:
            accounts.create_account(connection, ACCOUNT)
            arn = accounts.create_user(connection, ACCOUNT, "ana", [policy])
            caller = accounts.create_access_key(connection, arn).caller
            key = keys.create(connection, ACCOUNT, region, default_policy(ACCOUNT))
            keys.create_alias(connection, KeyName(region, ACCOUNT, alias=alias), key.key_id)
        return replace(self, caller=caller)

    def ask(self, operation: str, /, **request: Any) -> dict[str, Any]:
        """Carry out an operation; its answer and its errors must fit the service model."""
        call = Call(operation, request, self.caller, "test")
        model = MODEL.operation_model(operation)
        try:
            answer = asyncio.run(_handled(self.service, call))
        except OperationError as error:
            if error.code not in {shape.name for shape in model.error_shapes}:
                pytest.fail(f"{operation} must not answer {error.code}")
            raise
        if model.output_shape is not None:
            serialize_response(model.output_shape, answer)
        return answer

    def refusal(self, operation: str, /, **request: Any) -> str:
        """The code of the error that the call must end in."""
        with pytest.raises(OperationError) as caught:
            self.ask(operation, **request)
        return caught.value.code

    def permissions(self, operation: str, /, **request: Any) -> list[Permission]:
        call = Call(operation, request, self.caller, "test")
        return OPERATIONS[operation].permissions(self.service, call)

    def with_quotas(self, **quotas: int) -> Bench:
        settings = replace(self.service.settings, quotas=Quotas(**quotas))
        return replace(self, service=replace(self.service, settings=settings))

    def as_caller(self, caller: Caller) -> Bench:
        return replace(self, caller=caller)

    def project(self, name: str = "parts") -> Project:
        with self.service.records.write() as connection:
            return projects.create(connection, ACCOUNT, "us-east-1", name)

    def dataset(
        self,
        project: Project,
        dataset_type: DatasetType = DatasetType.TRAIN,
        status: DatasetStatus = DatasetStatus.CREATE_COMPLETE,
        total_entries: int = 0,
    ) -> Dataset:
        with self.service.records.write() as connection:
            made = datasets.create(connection, project, dataset_type, status, "As the test wants.")
            datasets.set_stats(connection, made.id, DatasetStats(total_entries=total_entries))
            found = datasets.find(connection, made.arn)
        assert found is not None
        return found

    def version(
        self,
        project: Project,
        name: str = "v1",
        status: VersionStatus = VersionStatus.TRAINING_COMPLETED,
    ) -> ProjectVersion:
        with self.service.records.write() as connection:
            made = project_versions.create(
                connection,
                project,
                name,
                output_bucket="results",
                output_prefix="run",
                training_input={},
                testing_input={"AutoCreate": False},
            )
            project_versions.set_status(connection, made.id, status, "As the test wants.")
        return self.version_now(made.arn)

    def version_now(self, arn: str) -> ProjectVersion:
        with self.service.records.read() as connection:
            found = project_versions.find(connection, arn)
        assert found is not None
        return found

    def dataset_now(self, arn: str) -> Dataset:
        with self.service.records.read() as connection:
            found = datasets.find(connection, arn)
        assert found is not None
        return found
