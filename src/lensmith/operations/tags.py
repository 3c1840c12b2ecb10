"""TagResource, UntagResource and ListTagsForResource (api.md 2.18 to 2.20)."""

from __future__ import annotations

from typing import Any

from lensmith.domain.arn import DatasetArn, ProjectArn, ProjectVersionArn
from lensmith.domain.errors import InvalidParameterException, ServiceQuotaExceededException
from lensmith.operations.call import Call, Service
from lensmith.operations.owned import Owned, changing, viewing
from lensmith.store.records import tags

TAGS_PER_RESOURCE = 200


def tag_resource(service: Service, call: Call) -> dict[str, Any]:
    """Merge the given tags into those of the resource, all or none."""
    arn, given = call.request["ResourceArn"], call.request["Tags"]
    with changing(service, call) as owned:
        _find(owned, arn)
        if len({**tags.get(owned.connection, arn), **given}) > TAGS_PER_RESOURCE:
            raise ServiceQuotaExceededException(
                f"A resource can have at most {TAGS_PER_RESOURCE} tags."
            )
        tags.put(owned.connection, arn, given)
    return {}


def untag_resource(service: Service, call: Call) -> dict[str, Any]:
    arn = call.request["ResourceArn"]
    with changing(service, call) as owned:
        _find(owned, arn)
        tags.remove(owned.connection, arn, call.request["TagKeys"])
    return {}


def list_tags_for_resource(service: Service, call: Call) -> dict[str, Any]:
    arn = call.request["ResourceArn"]
    with viewing(service, call) as owned:
        _find(owned, arn)
        return {"Tags": tags.get(owned.connection, arn)}


def _find(owned: Owned, arn: str) -> None:
    """Raise ResourceNotFoundException, or InvalidParameterException for another kind of ARN."""
    if ProjectArn.parse(arn):
        owned.project(arn)
    elif DatasetArn.parse(arn):
        owned.dataset(arn)
    elif ProjectVersionArn.parse(arn):
        owned.version(arn)
    else:
        raise InvalidParameterException(
            "ResourceArn must be the ARN of a project, a dataset or a project version."
        )
