"""Example projects that the console begins; `lensmith.tasks.examples` fills them."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.domain.arn import ProjectArn
from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ResourceInUseException, ResourceNotFoundException
from lensmith.domain.job import JobKind
from lensmith.examples.example_project import EXAMPLES
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.lensmith.objects import on_bucket, on_object
from lensmith.operations.lensmith.setup import console_bucket, find_setup
from lensmith.operations.owned import changing
from lensmith.operations.projects import create_project
from lensmith.store.records import jobs, projects

_ATTEMPTS = 5  # where another call takes the number first


@dataclass(frozen=True, slots=True)
class StartedExample:
    task: str
    project: str


def permissions(service: Service, caller: Caller, name: str) -> list[Permission]:
    """To create the project and its datasets, and to write pictures into the console's bucket.

    The datasets are judged again when they are created, and so is every picture by the store
    inside. Raises ResourceNotFoundException for an example that does not exist.
    """
    project = _next_project(service, caller, name)
    arn = str(ProjectArn(service.settings.region, caller.account_id, project, now_ms()))
    setup = find_setup(service, caller)
    bucket = setup.bucket or setup.proposed
    needed = [
        Permission("rekognition:CreateProject", arn, {}, {}),
        Permission("rekognition:CreateDataset", arn, {}, {}),
        on_object("PutObject", bucket, f"assets/{project}_training_dataset/"),
        on_object("PutObject", bucket, f"assets/{project}_test_dataset/"),
        on_object("PutObject", bucket, f"assets/samples/{name}.jpg"),
    ]
    return needed if setup.bucket else [*needed, on_bucket("CreateBucket", bucket)]


def start_example(service: Service, call: Call, name: str) -> StartedExample:
    """Create the next project of an example, `rooms_1`, `rooms_2`, ..., and queue its filling.

    Raises ResourceNotFoundException or LimitExceededException.
    """
    bucket = console_bucket(service, call.caller)
    project, arn = _create_project(service, call, name)
    payload = {"example": name, "project": project, "bucket": bucket}
    with changing(service, call) as owned:
        job_id = jobs.enqueue(owned.connection, JobKind.CREATE_EXAMPLE, arn, call.caller, payload)
    service.wake_jobs()
    return StartedExample(str(job_id), project)


def _create_project(service: Service, call: Call, name: str) -> tuple[str, str]:
    for attempt in range(_ATTEMPTS):
        project = _next_project(service, call.caller, name)
        creating = Call("CreateProject", {"ProjectName": project}, call.caller, call.request_id)
        try:
            return project, create_project(service, creating)["ProjectArn"]
        except ResourceInUseException:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError


def _next_project(service: Service, caller: Caller, name: str) -> str:
    if name not in EXAMPLES:
        raise ResourceNotFoundException(f"the example {name}: there are {', '.join(EXAMPLES)}")
    number, region = 1, service.settings.region
    with service.records.read() as connection:
        while projects.find_by_name(connection, caller.account_id, region, f"{name}_{number}"):
            number += 1
    return f"{name}_{number}"
