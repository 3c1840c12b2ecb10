"""Drawn requests to every operation of CloudFormation: only errors of its own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from botocore.model import Shape, StructureShape
from tests.operations.bench import Bench
from tests.operations.kms.test_hostile import Drawn, Inline

from lensmith.domain.errors import AccessDeniedException, ServiceError
from lensmith.domain.stack_errors import StackError
from lensmith.operations.call import Call
from lensmith.operations.cloudformation.table import OPERATIONS
from lensmith.wire import query_protocol
from lensmith.wire.query_model import CLOUDFORMATION
from lensmith.wire.validate import validate


def template(**properties: Any) -> str:
    project = {"Type": "AWS::Rekognition::Project", "Properties": properties}
    return json.dumps(
        {"Parameters": {"P": {"Type": "String", "Default": "x"}}, "Resources": {"A": project}}
    )


TEXTS = {
    "StackName": ["a", "b", "c", "a-1", "arn:aws:cloudformation:us-east-1:0:stack/a/1"],
    "ChangeSetName": ["c1", "c2", "arn:aws:cloudformation:us-east-1:0:changeSet/a/1"],
    "TemplateBody": [
        template(ProjectName={"Ref": "P"}),
        template(ProjectName={"Ref": "P"}, Tags=[{"Key": "a", "Value": {"Ref": "P"}}]),
    ],
    "ParameterKey": ["P", "P", "P", "Q"],
    "NextToken": ["x"],
}
RARE = frozenset(
    {"RoleARN", "TemplateURL", "StackPolicyBody", "StackPolicyURL", "NotificationARNs"}
    | {"TimeoutInMinutes", "ResourceTypes", "ResourcesToImport", "RollbackConfiguration"}
    | {"StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL", "DeploymentConfig"}
    | {"DeploymentMode", "DeletionMode", "StackSetName", "NextToken", "EnableTerminationProtection"}
    | {"DisableValidation", "RetainExceptOnCreate", "IncludeNestedStacks"}
    | {"ImportExistingResources", "OnFailure", "OnStackFailure"}
)


class Named(Drawn):
    """Draws texts by the member that has them."""

    def value(self, shape: Shape) -> Any:
        if not isinstance(shape, StructureShape):
            return super().value(shape)
        return {
            name: self.rng.choice(TEXTS[name]) if name in TEXTS else self.value(member)
            for name, member in shape.members.items()
            if name in shape.required_members or self.rng.random() < (0.01 if name in RARE else 0.5)
        }


def test_drawn_requests(bench: Bench) -> None:
    drawn = Named(1, ["p", "q", "x" * 300, "é"])
    names = list(OPERATIONS)
    succeeded: set[str] = set()
    unmodelled = []
    for _ in range(2000):
        name = drawn.rng.choice(names)
        shape = CLOUDFORMATION.input_shape(name)
        request = drawn.value(shape)
        try:
            validate(shape, request)
        except ServiceError:
            continue
        try:
            ask(bench, name, request)
        except (StackError, AccessDeniedException):  # what is named alone, and is not there
            continue
        except ServiceError as error:
            unmodelled.append((name, error.code, request))
        succeeded.add(name)
    assert unmodelled == []
    assert {"CreateStack", "CreateChangeSet", "DescribeStacks", "ExecuteChangeSet"} <= succeeded


def ask(bench: Bench, name: str, request: dict[str, Any]) -> None:
    call = Call(name, request, bench.caller, "test")
    operation, service = OPERATIONS[name], bench.service
    operation.permissions(service, call)

    async def handled() -> dict[str, Any]:
        return await operation.handle(service, call, Inline())

    answer = asyncio.run(handled())
    shape = CLOUDFORMATION.output_shape(name)
    query_protocol.serialize_response(name, shape, answer, "id", CLOUDFORMATION.namespace)
