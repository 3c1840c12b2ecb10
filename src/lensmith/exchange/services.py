"""The AWS clients of an import or export, and locations in S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lensmith.exchange.failure import ExchangeError

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Services:
    rekognition: RekognitionClient
    s3: S3Client


@dataclass(frozen=True, slots=True)
class Location:
    """`s3://bucket/key`; as a folder its key is empty or ends in `/`."""

    bucket: str
    key: str

    @classmethod
    def read(cls, text: str) -> Location:
        """Parse `s3://bucket/key`; raises ExchangeError when the text is not an S3 location."""
        bucket, _, key = text[len("s3://") :].partition("/")
        if not is_location(text) or not bucket:
            raise ExchangeError(f"{text} is no location in S3; write s3://BUCKET/KEY.")
        return cls(bucket, key)

    def as_folder(self) -> Location:
        key = self.key if not self.key or self.key.endswith("/") else self.key + "/"
        return Location(self.bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def is_location(text: str) -> bool:
    return text[:5].lower() == "s3://"
