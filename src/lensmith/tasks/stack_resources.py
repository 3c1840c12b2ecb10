"""Creates, changes and deletes the resources of stacks with the rights of the job's caller."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from botocore.exceptions import ClientError, ParamValidationError

from lensmith.datasets.stores import Stores
from lensmith.domain.errors import LensmithError, ObjectForbidden
from lensmith.domain.job import Job
from lensmith.domain.stack import Stack
from lensmith.store.records import buckets, projects
from lensmith.tasks.caller import rekognition_as, s3_as
from lensmith.tasks.process import TaskError

_POLL_SECONDS = 0.1
_DELETION_SECONDS = 300.0

_GONE = {"ResourceNotFoundException", "NoSuchBucket", "NoSuchTagSet"}


class ResourceFailedError(LensmithError):
    """A change of a resource was refused; the message says why."""


class ResourceKind(Protocol):
    """Handles a type of resources. Every method can be repeated after a crash.

    All raise ResourceFailedError.
    """

    def exists_since(self, name: str) -> int | None:
        """Return when the resource of that name was created, in epoch ms; None if it is not."""

    def create(self, name: str, properties: Mapping[str, Any]) -> None:
        """Create the resource, which does not exist."""

    def attributes(self, name: str) -> dict[str, str]:
        """Return the attributes that GetAtt gives."""

    def set_tags(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        """Change the tags, leaving those of others that the stack did not set."""

    def delete(self, name: str, attributes: Mapping[str, str]) -> None:
        """Delete the resource if it exists, and wait until it is gone."""


def kinds_for(stores: Stores, job: Job, stack: Stack) -> dict[str, ResourceKind]:
    """Return how to handle each type."""
    return {
        "AWS::Rekognition::Project": _Project(stores, job, stack),
        "AWS::S3::Bucket": _Bucket(stores, job, stack),
    }


class _Project:
    def __init__(self, stores: Stores, job: Job, stack: Stack) -> None:
        self._stores, self._job, self._stack = stores, job, stack

    def exists_since(self, name: str) -> int | None:
        found = self._find(name)
        return None if found is None else found.created_ms

    def create(self, name: str, properties: Mapping[str, Any]) -> None:
        with _refusals():
            self._client().create_project(ProjectName=name, Tags=dict(properties["Tags"]))

    def attributes(self, name: str) -> dict[str, str]:
        found = self._find(name)
        if found is None:
            raise ResourceFailedError(f"Project {name} is gone.")
        return {"Arn": found.arn}

    def set_tags(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        arn = self.attributes(name)["Arn"]
        with _refusals():
            gone = [key for key in before if key not in after]
            if gone:
                self._client().untag_resource(ResourceArn=arn, TagKeys=gone)
            if after:
                self._client().tag_resource(ResourceArn=arn, Tags=dict(after))

    def delete(self, name: str, attributes: Mapping[str, str]) -> None:
        found = self._find(name)
        if found is None or found.arn != attributes.get("Arn", found.arn):
            return  # one that was created after the stack's was deleted is another's
        with _refusals():
            self._client().delete_project(ProjectArn=found.arn)
        deadline = time.monotonic() + _DELETION_SECONDS
        while (left := self._find(name)) is not None and left.arn == found.arn:
            if time.monotonic() > deadline:
                raise ResourceFailedError(f"Project {name} is still being deleted.")
            time.sleep(_POLL_SECONDS)

    def _find(self, name: str) -> Any:
        owner = self._stack.account_id, self._stack.region
        with self._stores.records.read() as connection:
            return projects.find_by_name(connection, *owner, name)

    def _client(self) -> Any:
        return rekognition_as(self._stores, self._job.access_key_id, region=self._stack.region)


class _Bucket:
    def __init__(self, stores: Stores, job: Job, stack: Stack) -> None:
        self._stores, self._job, self._stack = stores, job, stack

    def exists_since(self, name: str) -> int | None:
        if not self._stores.settings.s3_endpoint_url:
            with self._stores.records.read() as connection:
                found = buckets.find(connection, name)
            return None if found is None else found.created_ms
        try:
            with _refusals():
                self._client().head_bucket(Bucket=name)
        except ResourceFailedError:
            return None
        return time.time_ns() // 1_000_000

    def create(self, name: str, properties: Mapping[str, Any]) -> None:
        region = self._stack.region
        placed: Any = (
            {}
            if region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        with _refusals():
            self._client().create_bucket(Bucket=name, **placed)
        if not properties["Tags"]:
            return
        try:
            self.set_tags(name, {}, properties["Tags"])
        except ResourceFailedError:
            self.delete(name, {})
            raise

    def attributes(self, name: str) -> dict[str, str]:
        return {"Arn": f"arn:aws:s3:::{name}"}

    def set_tags(self, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        client = self._client()
        with _refusals():
            try:
                present = client.get_bucket_tagging(Bucket=name)["TagSet"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "NoSuchTagSet":
                    raise
                present = []
            others = {one["Key"]: one["Value"] for one in present if one["Key"] not in before}
            tags = {**others, **after}
            if tags:
                listed: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
                client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})
            elif present:
                client.delete_bucket_tagging(Bucket=name)

    def delete(self, name: str, _: Mapping[str, str]) -> None:
        if not self._stores.settings.s3_endpoint_url:
            with self._stores.records.read() as connection:
                if not self._is_own(buckets.find(connection, name)):
                    return  # gone, or another account's since then
        with _refusals():
            self._client().delete_bucket(Bucket=name)

    def _is_own(self, bucket: Any) -> bool:
        return bucket is not None and bucket.account_id == self._stack.account_id

    def _client(self) -> Any:
        return s3_as(self._stores, self._job.access_key_id, self._stack.region)


@contextmanager
def _refusals() -> Iterator[None]:
    """Translate what refuses a call into ResourceFailedError; a resource that is gone passes."""
    try:
        yield
    except ClientError as error:
        answer = error.response["Error"]
        if answer["Code"] in _GONE:
            return
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise ResourceFailedError(
            f"{answer.get('Message')} (Status Code: {status}; Error Code: {answer['Code']})"
        ) from error
    except (ParamValidationError, ObjectForbidden, TaskError) as error:
        raise ResourceFailedError(str(error)) from error
