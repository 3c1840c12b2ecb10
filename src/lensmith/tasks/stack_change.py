"""The phases of an operation on a stack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from lensmith.cloudformation.functions import Values
from lensmith.cloudformation.plan import differing, outputs_of, properties_of, values_of
from lensmith.cloudformation.template import TYPES, Template, TemplateResource, template_of
from lensmith.datasets.stores import Stores
from lensmith.domain.clock import now_ms
from lensmith.domain.job import Job
from lensmith.domain.stack import (
    Definition,
    OnFailure,
    Resource,
    ResourceStatus,
    Stack,
    StackStatus,
)
from lensmith.domain.stack_errors import TemplateError
from lensmith.store.records import change_sets, stack_events, stacks
from lensmith.store.records.leases import holding
from lensmith.tasks.stack_resource_steps import ResourceSteps, generated_name
from lensmith.tasks.stack_resources import ResourceFailedError

_KEPT = "Retain"


class StackChange:
    """One phase; at its end the stack is in the next one."""

    def __init__(self, stores: Stores, job: Job, stack: Stack) -> None:
        self._stores = stores
        self._job = job
        self._stack = stack
        self._steps = ResourceSteps(stores, job, stack)

    def create(self) -> None:
        """Create what is not there yet, in the order of dependencies."""
        definition = self._target()
        template = template_of(definition.document)
        failed = self._reach(template, definition)
        if failed is not None:
            self._fail_creation(failed)
            return
        resources = self._resources()
        outputs = self._outputs(template, definition, resources)
        if isinstance(outputs, str):
            self._fail_creation(outputs)
            return
        with holding(self._stores.records, self._job) as connection:
            self._forget_journals(connection, resources)
            self._complete(connection, StackStatus.CREATE_COMPLETE, outputs)

    def roll_back_creation(self) -> None:
        """Delete what was created, in reverse."""
        failed = []
        for resource in reversed(self._in_order(self._target())):
            if resource.status is ResourceStatus.CREATE_FAILED:
                continue
            if resource.policy == _KEPT:
                self._steps.skip_deletion(resource)
            elif not self._steps.delete(resource):
                failed.append(resource.logical_id)
        if failed:
            self._enter(StackStatus.ROLLBACK_FAILED, _failed_to("delete", failed))
        else:
            self._enter(StackStatus.ROLLBACK_COMPLETE)

    def update(self) -> None:
        """Create, replace and change resources; nothing is deleted before all of it succeeded."""
        definition = self._target()
        template = template_of(definition.document)
        failed = self._reach(template, definition)
        resources = self._resources()
        outputs: list[dict[str, str]] | str = failed or self._outputs(
            template,
            definition,
            {name: one for name, one in resources.items() if name in template.resources},
        )
        if isinstance(outputs, str):
            self._enter(StackStatus.UPDATE_ROLLBACK_IN_PROGRESS, outputs)
            return
        with holding(self._stores.records, self._job) as connection:
            self._take_policies(connection, template, resources)
            self._complete(connection, StackStatus.UPDATE_CLEANUP, outputs)

    def clean_up(self) -> None:
        """Delete what was replaced or is not in the template any more; a failure leaves it."""
        definition = self._stack.definition
        template = template_of(definition.document)
        resources = self._resources()
        for resource in reversed(list(resources.values())):
            if resource.journal is not None and resource.journal.kind == "replace":
                self._steps.delete_former(resource)
            elif resource.logical_id not in template.resources:
                if resource.policy == _KEPT:
                    self._steps.skip_deletion(resource)
                else:
                    self._steps.delete(resource)
        with holding(self._stores.records, self._job) as connection:
            for name, resource in stacks.resources(connection, self._stack.id).items():
                if name not in template.resources:
                    stacks.remove_resource(connection, self._stack.id, name)
                elif resource.journal is not None:
                    stacks.put_resource(connection, self._stack.id, replace(resource, journal=None))
            stack_events.enter(connection, self._stack, StackStatus.UPDATE_COMPLETE)

    def roll_back_update(self) -> None:
        """Bring every resource back to what it was before."""
        failed = [
            resource.logical_id
            for resource in reversed(self._in_order(self._target()))
            if resource.journal is not None and not self._steps.restore(resource)
        ]
        if failed:
            reason = _failed_to("roll back", failed)
            self._enter(StackStatus.UPDATE_ROLLBACK_FAILED, reason, target=None)
        else:
            self._enter(StackStatus.UPDATE_ROLLBACK_COMPLETE, target=None)

    def delete(self) -> None:
        """Delete every resource that is not retained, in reverse."""
        failed = []
        for resource in reversed(self._in_order(self._stack.target or self._stack.definition)):
            is_kept = resource.policy in {_KEPT, "RetainExceptOnCreate"}
            if is_kept or resource.logical_id in self._stack.retained:
                self._steps.skip_deletion(resource)
            elif resource.status is ResourceStatus.CREATE_FAILED:
                self._steps.forget(resource)
            elif not self._steps.delete(resource):
                failed.append(resource.logical_id)
        if failed:
            self._enter(StackStatus.DELETE_FAILED, _failed_to("delete", failed))
            return
        with holding(self._stores.records, self._job) as connection:
            change_sets.remove_others(connection, self._stack, None)
            stack_events.enter(
                connection,
                self._stack,
                StackStatus.DELETE_COMPLETE,
                live_name=None,
                deleted_ms=now_ms(),
            )

    def _reach(self, template: Template, definition: Definition) -> str | None:
        """Bring resources to their definitions; returns why not, after the first that fails."""
        for name, one in template.resources.items():
            resources = self._resources()
            now = resources.get(name)
            if now is not None and now.journal is not None and now.journal.is_done:
                continue  # before a crash
            values = values_of(self._stack, template, definition, resources)
            try:
                self._reach_one(one, now, values, definition.tags)
            except ResourceFailedError:
                action = "create" if now is None or now.journal_kind == "create" else "update"
                return _failed_to(action, [name])
        return None

    def _reach_one(
        self, one: TemplateResource, now: Resource | None, values: Values, tags: dict[str, str]
    ) -> None:
        properties = self._resolved(one, now, values, tags)
        name_property = TYPES[one.type].name_property
        kind = None if now is None else now.journal_kind
        if now is None or kind == "create":
            made = generated_name(self._stack, one.logical_id)
            name = now.physical_id if now is not None else properties.get(name_property, made)
            self._steps.create(one, now, name, properties)
            return
        if kind == "replace":
            self._steps.replace(one, now, now.physical_id, properties)
            return
        if kind == "update":
            self._steps.update(now, properties)
            return
        names, replaces = differing(one.type, now.properties, properties)
        if replaces:
            made = generated_name(self._stack, one.logical_id)
            self._steps.replace(one, now, properties.get(name_property, made), properties)
        elif names:
            self._steps.update(now, properties)

    def _resolved(
        self, one: TemplateResource, now: Resource | None, values: Values, tags: dict[str, str]
    ) -> dict[str, Any]:
        try:
            return properties_of(one, values, tags)
        except TemplateError as error:
            self._steps.refuse(one, now, error.message)
            raise ResourceFailedError(error.message) from error

    def _fail_creation(self, reason: str) -> None:
        status = {
            OnFailure.ROLLBACK: StackStatus.ROLLBACK_IN_PROGRESS,
            OnFailure.DO_NOTHING: StackStatus.CREATE_FAILED,
            OnFailure.DELETE: StackStatus.DELETE_IN_PROGRESS,
        }[self._stack.on_failure]
        self._enter(status, reason)

    def _outputs(
        self, template: Template, definition: Definition, resources: dict[str, Resource]
    ) -> list[dict[str, str]] | str:
        """Return the outputs, or why they cannot be resolved."""
        try:
            return outputs_of(template, values_of(self._stack, template, definition, resources))
        except TemplateError as error:
            return error.message

    def _complete(
        self, connection: Connection, status: StackStatus, outputs: list[dict[str, str]]
    ) -> None:
        definition = self._target()
        template = template_of(definition.document)
        stack_events.enter(
            connection,
            self._stack,
            status,
            definition=definition,
            target=None,
            outputs=outputs,
            description=template.description,
        )

    def _forget_journals(self, connection: Connection, resources: dict[str, Resource]) -> None:
        for resource in resources.values():
            stacks.put_resource(connection, self._stack.id, replace(resource, journal=None))

    def _take_policies(
        self, connection: Connection, template: Template, resources: dict[str, Resource]
    ) -> None:
        for name, one in template.resources.items():
            taken = replace(resources[name], policy=one.deletion_policy)
            stacks.put_resource(connection, self._stack.id, taken)

    def _in_order(self, definition: Definition) -> list[Resource]:
        """Return the resources that exist, each after those that it depends on."""
        resources = self._resources()
        order: list[str] = []
        if definition.document:
            order = list(template_of(definition.document).resources)
        rest = [name for name in resources if name not in order]
        return [resources[name] for name in (*rest, *order) if name in resources]

    def _target(self) -> Definition:
        assert self._stack.target is not None
        return self._stack.target

    def _resources(self) -> dict[str, Resource]:
        with self._stores.records.read() as connection:
            return stacks.resources(connection, self._stack.id)

    def _enter(self, status: StackStatus, reason: str | None = None, **values: Any) -> None:
        with holding(self._stores.records, self._job) as connection:
            stack_events.enter(connection, self._stack, status, reason, **values)


def _failed_to(action: str, names: list[str]) -> str:
    return f"The following resource(s) failed to {action}: [{', '.join(names)}]. "
