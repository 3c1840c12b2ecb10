"""One object on its way into the store: in parts, so that memory does not grow with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lensmith.domain.caller import Caller
from lensmith.domain.errors import PreconditionFailedException, RequestEntityTooLargeException
from lensmith.operations.call import Service
from lensmith.operations.lensmith.objects import client_of
from lensmith.operations.lensmith.store_answers import store_answers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 8 << 20
MAX_PART_BYTES = 64 << 20  # one is held in memory for each upload
MAX_PARTS = 10_000  # of S3
MAX_OBJECT_BYTES = min(5 << 40, MAX_PARTS * MAX_PART_BYTES)  # S3 allows 5 TiB


def part_bytes(length: int) -> int:
    """Choose the bytes of one part of an object of `length` bytes; 0 where it is not known.

    Raises RequestEntityTooLargeException for more than MAX_OBJECT_BYTES.
    """
    if length > MAX_OBJECT_BYTES:
        raise RequestEntityTooLargeException(
            f"The object has {length:,} bytes; the console takes at most {MAX_OBJECT_BYTES:,}. "
            "Upload it to the S3 endpoint with the AWS CLI."
        )
    return max(PART_BYTES, -(-length // MAX_PARTS))


@dataclass(slots=True)
class Upload:
    """Writes an object with the caller's rights: whole by `put`, or `add` its parts and `finish`.

    Every method blocks, and raises as `store_answers` does.
    """

    service: Service
    caller: Caller
    bucket: str
    key: str
    media_type: str
    only_new: bool  # raises PreconditionFailedException for a key that is there
    _upload_id: str | None = None
    _parts: list[CompletedPartTypeDef] = field(default_factory=list)

    def refuse_taken(self) -> None:
        """Raises PreconditionFailedException before anything is sent."""
        if not self.only_new:
            return
        with store_answers(self.bucket):
            found = self._client.list_objects_v2(Bucket=self.bucket, Prefix=self.key, MaxKeys=1)
        if any(each["Key"] == self.key for each in found.get("Contents", [])):
            raise PreconditionFailedException

    def put(self, data: bytes) -> str:
        """Write the whole object; returns its ETag."""
        with store_answers(self.bucket, self.key):
            answer = self._client.put_object(
                Bucket=self.bucket,
                Key=self.key,
                Body=data,
                ContentType=self.media_type,
                **self._condition,
            )
        return answer["ETag"].strip('"')

    def etag(self) -> str:
        """Return the ETag of the object that is there."""
        with store_answers(self.bucket, self.key):
            answer = self._client.head_object(Bucket=self.bucket, Key=self.key)
        return answer["ETag"].strip('"')

    def add(self, part: bytes) -> None:
        """Send the next part; raises RequestEntityTooLargeException for one too many."""
        number = len(self._parts) + 1
        if number > MAX_PARTS:
            raise RequestEntityTooLargeException(
                f"The object has more than {MAX_PARTS:,} parts of {len(part):,} bytes. "
                "Send its length in Content-Length."
            )
        with store_answers(self.bucket, self.key):
            if self._upload_id is None:
                self._upload_id = self._client.create_multipart_upload(
                    Bucket=self.bucket, Key=self.key, ContentType=self.media_type
                )["UploadId"]
            answer = self._client.upload_part(
                Bucket=self.bucket,
                Key=self.key,
                UploadId=self._upload_id,
                PartNumber=number,
                Body=part,
            )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    def finish(self, last: bytes) -> str:
        """Send the last part, if any, and make the object appear; returns its ETag."""
        if self._upload_id is None:
            return self.put(last)
        if last:
            self.add(last)
        with store_answers(self.bucket, self.key):
            answer = self._client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=self.key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
                **self._condition,
            )
        return answer["ETag"].strip('"')

    def drop(self) -> None:
        """Take back the parts that were sent."""
        if self._upload_id is not None:
            with store_answers(self.bucket, self.key):
                self._client.abort_multipart_upload(
                    Bucket=self.bucket, Key=self.key, UploadId=self._upload_id
                )

    @property
    def _client(self) -> S3Client:
        return client_of(self.service, self.caller)

    @property
    def _condition(self) -> Any:
        return {"IfNoneMatch": "*"} if self.only_new else {}
