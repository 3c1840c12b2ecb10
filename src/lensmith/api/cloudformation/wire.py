"""One request of CloudFormation by the Query protocol."""

from __future__ import annotations

from lensmith.api.query_wire import QueryWire
from lensmith.api.request import ApiRequest
from lensmith.domain.stack_errors import StackError, StackValidationError
from lensmith.operations.cloudformation.table import OPERATIONS
from lensmith.wire.query_model import CLOUDFORMATION


class CloudFormationWire(QueryWire):
    service_name = CLOUDFORMATION.name
    own_errors = StackError
    invalid = StackValidationError

    def __init__(self, request: ApiRequest) -> None:
        super().__init__(request, CLOUDFORMATION, OPERATIONS)
