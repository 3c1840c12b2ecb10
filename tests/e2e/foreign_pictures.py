"""Pictures that a caller may not read are not shown to it through a model that runs."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.boto3.identities import Account, allow
from tests.e2e.lab import Lab, unused_name

from lensmith.config import Settings
from lensmith.store.records.engine import Records

UNREADABLE = "InvalidS3ObjectException"


def check_foreign_pictures(lab: Lab, model_arn: str, picture: bytes) -> None:
    records = Records.of(Settings(lab.server.home / "data"))
    stranger = Account(lab.server, records)
    records.close()
    theirs = _s3(lab, stranger.session)
    bucket = unused_name("theirs")
    theirs.create_bucket(Bucket=bucket)
    for client, name in ((theirs, bucket), (lab.s3, lab.bucket)):
        for folder in ("open", "secret"):
            client.put_object(Bucket=name, Key=f"{folder}/a.jpg", Body=picture)
    objects = f"arn:aws:s3:::{lab.bucket}/open/*"
    narrow = _user(lab, allow("rekognition:*"), allow("s3:GetObject", resource=objects))
    admin: Any = lab.rekognition

    assert _detect(narrow, model_arn, lab.bucket, "open/a.jpg") == ""
    assert _detect(admin, model_arn, lab.bucket, "secret/a.jpg") == ""
    for client, name in ((narrow, lab.bucket), (narrow, bucket), (admin, bucket)):
        there = _detect(client, model_arn, name, "secret/a.jpg")
        absent = _detect(client, model_arn, name, "secret/b.jpg")
        assert there.startswith(UNREADABLE)
        assert there == absent
        assert _detect(client, model_arn, unused_name("none"), "secret/a.jpg") == there
    _share(theirs, bucket)
    assert _detect(admin, model_arn, bucket, "open/a.jpg") == ""
    assert _detect(admin, model_arn, bucket, "secret/a.jpg").startswith(UNREADABLE)
    assert _detect(narrow, model_arn, bucket, "open/a.jpg").startswith(UNREADABLE)
    foreign = stranger.client("rekognition")
    refused = _detect(foreign, model_arn, bucket, "open/a.jpg")
    assert refused.startswith(("ResourceNotFoundException", "AccessDeniedException"))
    assert _detect(foreign, model_arn.replace("/v1/", "/v9/"), bucket, "open/a.jpg") == refused


def _detect(client: Any, arn: str, bucket: str, key: str) -> str:
    """Code and message of the refusal; empty for an answer."""
    try:
        client.detect_custom_labels(
            ProjectVersionArn=arn, Image={"S3Object": {"Bucket": bucket, "Name": key}}
        )
    except ClientError as error:
        given = error.response["Error"]
        text = f"{given['Code']}: {given['Message']}"
        return text.replace("/v9/", "/v1/")
    return ""


def _share(theirs: Any, bucket: str) -> None:
    """Let the account of the lab read the open folder."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "000000000000"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/open/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    theirs.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))


def _user(lab: Lab, *policies: str) -> Any:
    given = lab.server.environment()
    session = boto3.Session(
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    url = f"http://127.0.0.1:{lab.server.port}"
    iam: Any = session.client("iam", endpoint_url=url)
    name = unused_name("user")
    iam.create_user(UserName=name)
    for number, policy in enumerate(policies):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    made: Any = boto3.client
    return made(
        "rekognition",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def _s3(lab: Lab, session: Any) -> Any:
    return session.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{lab.server.s3_port}",
        config=Config(s3={"addressing_style": "path"}),
    )
