"""What the guide does with S3, by boto3 and the AWS CLI, against the embedded store (api.md 8)."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.support import command

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def aws(environment: dict[str, str], *arguments: str) -> str:
    done = command.aws(environment, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_copies_folders_both_ways(
    lensmith_env: dict[str, str], bucket: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("a.jpg", "folder/b c.jpg", "folder/deep/ü.png"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(os.urandom(2000))
        # S3 tells whole seconds: a file of this second would look newer than its copy.
        os.utime(source / name, (1_700_000_000, 1_700_000_000))
    aws(lensmith_env, "s3", "cp", "--recursive", str(source), f"s3://{bucket}/assets/")
    aws(lensmith_env, "s3", "cp", "--recursive", f"s3://{bucket}/assets/", str(target))
    sent = {file.relative_to(source): file.read_bytes() for file in source.rglob("*.*")}
    received = {file.relative_to(target): file.read_bytes() for file in target.rglob("*.*")}
    assert received == sent
    again = aws(lensmith_env, "s3", "sync", str(source), f"s3://{bucket}/assets/")
    assert "upload" not in again


def test_says_who_owns_a_bucket(lensmith_env: dict[str, str], bucket: str) -> None:
    acl = json.loads(aws(lensmith_env, "s3api", "get-bucket-acl", "--bucket", bucket))
    assert acl["Owner"]["ID"] == "000000000000"
    aws(lensmith_env, "s3api", "head-bucket", "--bucket", bucket)
    location = json.loads(aws(lensmith_env, "s3api", "get-bucket-location", "--bucket", bucket))
    assert location["LocationConstraint"] is None  # us-east-1


def test_keeps_versions(s3: S3Client, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    first = s3.put_object(Bucket=bucket, Key="image", Body=b"first")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="image", Body=b"second")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="image")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="image")
    for version, body in ((first, b"first"), (second, b"second")):
        found = s3.get_object(Bucket=bucket, Key="image", VersionId=version)["Body"].read()
        assert found == body


def test_takes_large_files_in_parts(s3: S3Client, bucket: str, tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(os.urandom(20 << 20))
    s3.upload_file(str(file), bucket, "large")
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == 20 << 20
    assert head["ETag"].strip('"').endswith("-3")
    s3.download_file(bucket, "large", str(tmp_path / "back"))
    digests = [hashlib.sha256((tmp_path / name).read_bytes()) for name in ("large", "back")]
    assert digests[0].digest() == digests[1].digest()
    part = s3.get_object(Bucket=bucket, Key="large", Range="bytes=10-19")["Body"].read()
    assert part == file.read_bytes()[10:20]


def test_takes_a_multipart_upload_by_hand(s3: S3Client, bucket: str) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    bodies = [b"a" * (5 << 20), b"b" * 100]
    parts: list[Any] = [
        {
            "PartNumber": number,
            "ETag": s3.upload_part(
                Bucket=bucket, Key="parts", UploadId=upload, PartNumber=number, Body=body
            )["ETag"],
        }
        for number, body in enumerate(bodies, start=1)
    ]
    with pytest.raises(ClientError):
        s3.head_object(Bucket=bucket, Key="parts")
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == b"".join(bodies)


def test_encrypts_on_request(s3: S3Client, bucket: str) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"data", ServerSideEncryption="AES256")
    assert put["ServerSideEncryption"] == "AES256"
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["ServerSideEncryption"] == "AES256"
    assert got["Body"].read() == b"data"


def test_keeps_tags_cors_lifecycle_and_policy(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Tagging="team=vision")
    tags = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert tags == [{"Key": "team", "Value": "vision"}]
    s3.put_bucket_cors(
        Bucket=bucket,
        CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    )
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedMethods"] == ["GET"]
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "old",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "x/"},
                    "Expiration": {"Days": 30},
                }
            ]
        },
    )
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AWSRekognitionS3AclBucketRead20191011",
                "Effect": "Allow",
                "Principal": {"Service": "rekognition.amazonaws.com"},
                "Action": ["s3:GetBucketAcl", "s3:GetBucketLocation"],
                "Resource": f"arn:aws:s3:::{bucket}",
            }
        ],
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]


def test_serves_resources_and_presigned_urls(
    s3: S3Client, lensmith_env: dict[str, str], bucket: str, tmp_path: Path
) -> None:
    import urllib.request

    resource = boto3.resource(
        "s3",
        endpoint_url=lensmith_env["AWS_ENDPOINT_URL_S3"],
        region_name=lensmith_env["AWS_REGION"],
        aws_access_key_id=lensmith_env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=lensmith_env["AWS_SECRET_ACCESS_KEY"],
    )
    (tmp_path / "file").write_bytes(b"data")
    resource.Bucket(bucket).upload_file(str(tmp_path / "file"), "key")
    assert resource.Object(bucket, "key").get()["Body"].read() == b"data"
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
    with urllib.request.urlopen(url, timeout=60) as response:
        assert response.read() == b"data"


def test_a_full_bucket_is_not_deleted(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    with pytest.raises(ClientError, match="BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def test_holds_many_buckets(s3: S3Client) -> None:
    for number in range(12):  # each has volumes of its own; by default the store ends at eight
        s3.create_bucket(Bucket=f"many-{number}")
        s3.put_object(Bucket=f"many-{number}", Key="k", Body=b"data")
        assert s3.get_object(Bucket=f"many-{number}", Key="k")["Body"].read() == b"data"
