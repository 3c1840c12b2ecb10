"""Permissions that each operation needs: IAM actions on resources (api.md 2, Auth)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lensmith.domain.arn import DatasetArn, ProjectArn, ProjectVersionArn
from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import DatasetType
from lensmith.operations.call import Call, Permission, Service
from lensmith.store.records import project_policies, tags

Permissions = Callable[[Service, Call], list[Permission]]


def to_act_on(
    service: Service, action: str, arn: str, request_tags: Mapping[str, str] | None = None
) -> Permission:
    """Need an action of Rekognition on a resource with its tags."""
    tagged = service.records.read_cached(tags.get, arn)
    return Permission(f"rekognition:{action}", arn, tagged, request_tags or {})


def on_member(member: str) -> Permissions:
    """Need the operation's own action on the ARN in the request member `member`."""

    def permissions(service: Service, call: Call) -> list[Permission]:
        return [_on(service, call, call.request[member])]

    return permissions


def on_everything(_: Service, call: Call) -> list[Permission]:
    """Need the operation's own action, which has no resource type."""
    return [Permission(_own_action(call), "*", {}, {})]


def create_project(service: Service, call: Call) -> list[Permission]:
    """Need the action on the ARN that the project would get, so that policies can scope names."""
    caller, region = call.caller, service.settings.region
    arn = str(ProjectArn(region, caller.account_id, call.request["ProjectName"], now_ms()))
    return [Permission(_own_action(call), arn, {}, _request_tags(call)), *_tagging(call, arn)]


def create_dataset(service: Service, call: Call) -> list[Permission]:
    """Need the action on the project, and ListDatasetEntries on a dataset that is copied."""
    source = (call.request.get("DatasetSource") or {}).get("DatasetArn")
    given = _request_tags(call)
    copying = [to_act_on(service, "ListDatasetEntries", source, given)] if source else []
    arn = _prospective_dataset(call.request)
    return [_on(service, call, call.request["ProjectArn"]), *copying, *_tagging(call, arn)]


def create_project_version(service: Service, call: Call) -> list[Permission]:
    """Need an Allow on the project; a Deny on the version that would be made counts too."""
    return _making_version(service, call, call.request["ProjectArn"])


def copy_project_version(service: Service, call: Call) -> list[Permission]:
    """Need an Allow on the source version, and what making a version in the destination needs.

    On the source the policies of its project count too: across accounts they must allow. A Deny
    on the source's project counts as one on its version. Of another account's version this says
    the same whether it exists or not.
    """
    source = call.request["SourceProjectVersionArn"]
    policies = service.records.read_cached(project_policies.of_version, source)
    copied = replace(_of_owner(_on(service, call, source)), resource_policies=policies)
    project = _of_owner(_on(service, call, call.request["SourceProjectArn"]))
    making = _making_version(service, call, call.request["DestinationProjectArn"])
    return [copied, replace(project, deny_only=True), *map(_of_owner, making)]


def distribute_dataset_entries(service: Service, call: Call) -> list[Permission]:
    return [_on(service, call, dataset["Arn"]) for dataset in call.request["Datasets"]]


def untag_resource(service: Service, call: Call) -> list[Permission]:
    """Give the tag keys without values: only aws:TagKeys can be tested meaningfully."""
    arn = call.request["ResourceArn"]
    keys = dict.fromkeys(call.request["TagKeys"], "")
    return [to_act_on(service, call.operation, arn, keys)]


def _making_version(service: Service, call: Call, project_arn: str) -> list[Permission]:
    action, given = "CreateProjectVersion", _request_tags(call)
    arn = _prospective_version(project_arn, call.request["VersionName"])
    denied = Permission(f"rekognition:{action}", arn, {}, given, deny_only=True)
    return [to_act_on(service, action, project_arn, given), denied, *_tagging(call, arn)]


def _of_owner(permission: Permission) -> Permission:
    """Name the account that owns the resource, which is not always the caller's."""
    owner = permission.resource.split(":")[4]
    return replace(permission, resource_account=owner, context={"aws:resourceaccount": (owner,)})


def _own_action(call: Call) -> str:
    return f"rekognition:{call.operation}"


def _on(service: Service, call: Call, arn: str) -> Permission:
    return to_act_on(service, call.operation, arn, _request_tags(call))


def _tagging(call: Call, arn: str) -> list[Permission]:
    """Need TagResource too when a resource is created with tags."""
    given = _request_tags(call)
    return [Permission("rekognition:TagResource", arn, {}, given)] if given else []


def _request_tags(call: Call) -> Mapping[str, str]:
    return call.request.get("Tags") or {}


def _prospective_dataset(request: Mapping[str, Any]) -> str:
    project = _project_arn(request["ProjectArn"])
    kind = DatasetType(request["DatasetType"])
    return str(
        DatasetArn(
            project.region,
            project.account_id,
            project.project_name,
            kind,
            now_ms(),
            project.partition,
        )
    )


def _prospective_version(project_arn: str, name: str) -> str:
    project = _project_arn(project_arn)
    return str(
        ProjectVersionArn(
            project.region,
            project.account_id,
            project.project_name,
            name,
            now_ms(),
            project.partition,
        )
    )


def _project_arn(text: str) -> ProjectArn:
    arn = ProjectArn.parse(text)
    assert arn is not None  # the service model's pattern was checked
    return arn
