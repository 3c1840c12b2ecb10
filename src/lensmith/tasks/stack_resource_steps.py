"""Single changes of a stack's resources, each recorded before it begins and after it ended."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lensmith.cloudformation.template import TemplateResource
from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job
from lensmith.domain.stack import Former, Journal, Resource, ResourceStatus, Stack
from lensmith.store.records import stack_events, stacks
from lensmith.store.records.leases import holding
from lensmith.tasks.stack_resources import ResourceFailedError, kinds_for

_NAME_CHARACTERS = string.ascii_lowercase + string.digits
_REPLACING = (
    "Requested update requires the creation of a new physical resource; hence creating one."
)


class ResourceSteps:
    def __init__(self, stores: Stores, job: Job, stack: Stack) -> None:
        self._stores = stores
        self._job = job
        self._stack = stack
        self._kinds = kinds_for(stores, job, stack)

    def create(
        self, one: TemplateResource, now: Resource | None, name: str, properties: dict[str, Any]
    ) -> None:
        """Create a resource; raises ResourceFailedError, which is recorded."""
        journal = now.journal if now is not None else None
        begun = Resource(
            logical_id=one.logical_id,
            type=one.type,
            physical_id=name,
            status=ResourceStatus.CREATE_IN_PROGRESS,
            reason=None,
            properties=properties,
            attributes={},
            policy=one.deletion_policy,
            journal=journal or Journal("create", now_ms()),
            changed_ms=now_ms(),
        )
        self._make(begun, ResourceStatus.CREATE_COMPLETE, is_resumed=journal is not None)

    def replace(
        self, one: TemplateResource, now: Resource, name: str, properties: dict[str, Any]
    ) -> None:
        """Create the successor of a resource; raises ResourceFailedError, which is recorded."""
        journal = now.journal
        begun = replace(
            now,
            physical_id=name,
            status=ResourceStatus.UPDATE_IN_PROGRESS,
            reason=_REPLACING,
            properties=properties,
            attributes={},
            policy=one.deletion_policy,
            journal=journal
            or Journal("replace", now_ms(), before=_former(now), replace_policy=one.replace_policy),
            changed_ms=now_ms(),
        )
        self._make(begun, ResourceStatus.UPDATE_COMPLETE, is_resumed=journal is not None)

    def update(self, now: Resource, properties: dict[str, Any]) -> None:
        """Change a resource in place; raises ResourceFailedError, which is recorded."""
        journal = now.journal or Journal("update", now_ms(), before=_former(now))
        assert journal.before is not None
        begun = self._record(
            replace(now, journal=journal), ResourceStatus.UPDATE_IN_PROGRESS, properties=properties
        )
        try:
            self._kinds[now.type].set_tags(
                now.physical_id, journal.before.properties["Tags"], properties["Tags"]
            )
        except ResourceFailedError as error:
            self._record(begun, ResourceStatus.UPDATE_FAILED, str(error))
            raise
        done = replace(begun, journal=replace(journal, is_done=True))
        self._record(done, ResourceStatus.UPDATE_COMPLETE)

    def refuse(self, one: TemplateResource, now: Resource | None, reason: str) -> None:
        """Record that the properties of a resource cannot be resolved."""
        if now is not None:
            journal = now.journal or Journal("update", now_ms(), before=_former(now))
            self._record(replace(now, journal=journal), ResourceStatus.UPDATE_FAILED, reason)
            return
        status = ResourceStatus.CREATE_FAILED
        journal = Journal("create", now_ms())
        failed = Resource(
            one.logical_id, one.type, "", status, reason, {}, {}, "Delete", journal, now_ms()
        )
        self._record(failed, status, reason)

    def delete(self, resource: Resource) -> bool:
        """Delete a resource and its row; returns whether that succeeded."""
        if resource.status is ResourceStatus.DELETE_COMPLETE:
            return True
        begun = self._record(resource, ResourceStatus.DELETE_IN_PROGRESS)
        try:
            self._kinds[resource.type].delete(resource.physical_id, resource.attributes)
        except ResourceFailedError as error:
            self._record(begun, ResourceStatus.DELETE_FAILED, str(error))
            return False
        self._record(begun, ResourceStatus.DELETE_COMPLETE)
        return True

    def skip_deletion(self, resource: Resource) -> None:
        """Leave a resource that is retained."""
        if resource.status is not ResourceStatus.DELETE_SKIPPED:
            self._record(resource, ResourceStatus.DELETE_SKIPPED)

    def forget(self, resource: Resource) -> None:
        """Drop the row of a resource that never was."""
        with holding(self._stores.records, self._job) as connection:
            stacks.remove_resource(connection, self._stack.id, resource.logical_id)

    def delete_former(self, resource: Resource) -> None:
        """Delete what a resource replaced; a failure is an event, and leaves it."""
        journal = resource.journal
        if journal is None or journal.before is None:
            return
        former = _as_former(resource, journal.before)
        if journal.replace_policy != "Delete":
            self._event(former, ResourceStatus.DELETE_SKIPPED)
            return
        self._delete_aside(former)

    def restore(self, resource: Resource) -> bool:
        """Undo what a journal says was begun; returns whether that succeeded."""
        journal = resource.journal
        assert journal is not None
        if journal.kind == "create":
            return self._undo_creation(resource)
        assert journal.before is not None
        former = _as_former(resource, journal.before)
        if journal.kind == "replace":
            if journal.is_done:
                self._delete_aside(resource)
            self._record(former, ResourceStatus.UPDATE_COMPLETE)
            return True
        before, after = resource.properties.get("Tags", {}), former.properties["Tags"]
        try:
            self._kinds[resource.type].set_tags(resource.physical_id, before, after)
        except ResourceFailedError as error:
            self._record(resource, ResourceStatus.UPDATE_FAILED, str(error))
            return False
        self._record(former, ResourceStatus.UPDATE_COMPLETE)
        return True

    def _undo_creation(self, resource: Resource) -> bool:
        assert resource.journal is not None
        if resource.journal.is_done and resource.policy == "Retain":
            self.skip_deletion(resource)
        elif resource.journal.is_done and not self.delete(resource):
            return False
        self.forget(resource)
        return True

    def _make(self, begun: Resource, done: ResourceStatus, *, is_resumed: bool) -> None:
        """Create what a row describes, or find that it was created before a crash."""
        kind, journal = self._kinds[begun.type], begun.journal
        assert journal is not None
        failed = ResourceStatus.CREATE_FAILED
        if journal.kind == "replace":
            failed = ResourceStatus.UPDATE_FAILED
        if not is_resumed:
            self._record(begun, begun.status, begun.reason)
        try:
            since = kind.exists_since(begun.physical_id)
            if since is None:
                kind.create(begun.physical_id, begun.properties)
            elif is_resumed and since >= journal.began_ms:
                kind.set_tags(begun.physical_id, {}, begun.properties["Tags"])
            else:
                raise ResourceFailedError(f"{begun.physical_id} already exists")
            attributes = kind.attributes(begun.physical_id)
        except ResourceFailedError as error:
            self._record(begun, failed, str(error))
            raise
        made = replace(begun, attributes=attributes, journal=replace(journal, is_done=True))
        self._record(made, done)

    def _delete_aside(self, resource: Resource) -> None:
        """Delete a resource that is not, or not any more, what the row describes."""
        self._event(resource, ResourceStatus.DELETE_IN_PROGRESS)
        try:
            self._kinds[resource.type].delete(resource.physical_id, resource.attributes)
        except ResourceFailedError as error:
            self._event(resource, ResourceStatus.DELETE_FAILED, str(error))
        else:
            self._event(resource, ResourceStatus.DELETE_COMPLETE)

    def _record(
        self,
        resource: Resource,
        status: ResourceStatus,
        reason: str | None = None,
        properties: Mapping[str, Any] | None = None,
    ) -> Resource:
        changed = replace(
            resource,
            status=status,
            reason=reason,
            changed_ms=now_ms(),
            properties=json.loads(json.dumps(properties or resource.properties)),
        )
        with holding(self._stores.records, self._job) as connection:
            stack_events.of_resource(connection, self._stack, changed)
        return changed

    def _event(self, resource: Resource, status: ResourceStatus, reason: str | None = None) -> None:
        event = replace(resource, status=status, reason=reason)
        with holding(self._stores.records, self._job) as connection:
            stack_events.only_event(connection, self._stack, event)


def generated_name(stack: Stack, logical_id: str) -> str:
    """Make the name of a bucket whose template gives none, as CloudFormation does."""
    suffix = "".join(secrets.choice(_NAME_CHARACTERS) for _ in range(12))
    return f"{stack.name[:24]}-{logical_id[:24]}-{suffix}".lower()


def _former(now: Resource) -> Former:
    return Former(now.physical_id, now.properties, now.attributes, now.policy, now.status)


def _as_former(resource: Resource, before: Former) -> Resource:
    return replace(
        resource,
        physical_id=before.physical_id,
        properties=before.properties,
        attributes=before.attributes,
        policy=before.policy,
        journal=None,
    )
