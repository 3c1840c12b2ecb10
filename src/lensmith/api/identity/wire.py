"""One request of IAM or STS by the Query protocol."""

from __future__ import annotations

from lensmith.api.authenticate import Principal, Regions, authenticate
from lensmith.api.query_wire import QueryWire
from lensmith.domain.caller import Caller
from lensmith.domain.errors import UnrecognizedClientException
from lensmith.domain.identity_errors import IdentityError, IdentityValidationError
from lensmith.domain.policy.identity import PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Operation, Service
from lensmith.wire.query_model import IAM

_NO_CALLER = Caller("", "anonymous", "")


class IdentityWire(QueryWire):
    """An operation of one of the two services; both take signatures of any region."""

    own_errors = IdentityError
    invalid = IdentityValidationError

    def principal(self, service: Service, operation: Operation) -> Principal:
        if operation.unsigned:
            return Principal(_NO_CALLER, Rights.anonymous(), service.settings.region)
        found = authenticate(service, self.request.http, self._model.name, Regions.ANY)
        identity = found.rights.identity
        if self._model is IAM and identity.type is PrincipalType.USER and identity.issued_ms:
            # As on AWS: what GetSessionToken gave makes no permanent keys.
            raise UnrecognizedClientException
        return found
