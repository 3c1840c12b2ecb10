"""Every operation of CloudFormation that is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lensmith.operations.call import Call, Operation, Service, blocking
from lensmith.operations.cloudformation import (
    change_sets,
    describe,
    permissions,
    stacks,
    templates,
)

_Work = Callable[[Service, Call], dict[str, Any]]

_ON_STACK: dict[str, _Work] = {
    "CreateStack": stacks.create_stack,
    "UpdateStack": stacks.update_stack,
    "DeleteStack": stacks.delete_stack,
    "DescribeStacks": describe.describe_stacks,
    "DescribeStackEvents": describe.describe_stack_events,
    "DescribeStackResources": describe.describe_stack_resources,
    "DescribeStackResource": describe.describe_stack_resource,
    "ListStackResources": describe.list_stack_resources,
    "CreateChangeSet": change_sets.create_change_set,
    "DescribeChangeSet": change_sets.describe_change_set,
    "ExecuteChangeSet": change_sets.execute_change_set,
    "DeleteChangeSet": change_sets.delete_change_set,
    "ListChangeSets": change_sets.list_change_sets,
    "GetTemplate": templates.get_template,
    "GetTemplateSummary": templates.get_template_summary,
}
_ON_EVERYTHING: dict[str, _Work] = {
    "ListStacks": describe.list_stacks,
    "ValidateTemplate": templates.validate_template,
}

_ROWS = (
    *(Operation(name, permissions.on_stack, blocking(work)) for name, work in _ON_STACK.items()),
    *(
        Operation(name, permissions.on_everything, blocking(work))
        for name, work in _ON_EVERYTHING.items()
    ),
)

OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
