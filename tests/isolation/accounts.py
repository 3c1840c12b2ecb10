"""Three accounts, each with a place that narrow principals may use and a private one."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import Credentials
from tests.boto3.identities import ALLOW_ALL, Account, trust
from tests.boto3.recorded import record_version
from tests.isolation.aws_calls import TEMPLATE
from tests.isolation.client import Caller
from tests.isolation.pixel import PIXEL
from tests.isolation.places import Place
from tests.support.artefacts import average_colour
from tests.support.eventually import until
from tests.support.live_server import LiveServer

from lensmith.domain.caller import Caller as JobCaller
from lensmith.domain.job import JobKind, JobStatus
from lensmith.domain.project_version import VersionStatus
from lensmith.store.records import jobs, project_versions, reviews
from lensmith.store.records.engine import Records

LIMITED = ("user of one project", "user with a Deny", "session with a policy", "bounded user")


@dataclass(frozen=True)
class IsolatedAccount:
    """An account, its two places and its six principals by what bounds them."""

    account_id: str
    open: Place
    private: Place
    callers: dict[str, Caller]


class Builder:
    def __init__(self, server: LiveServer, records: Records) -> None:
        self._server, self._records = server, records

    def account(self) -> IsolatedAccount:
        account = Account(self._server, self._records)
        opened = Place.of(account.account_id, "open")
        private = Place.of(account.account_id, "private")
        for place in (opened, private):
            self._fill(account, place)
        return IsolatedAccount(
            account.account_id, opened, private, self._callers(account, opened, private)
        )

    def _fill(self, account: Account, place: Place) -> None:
        fields = place.fields
        self._fill_iam(account, place)
        fields["upload"] = self._fill_bucket(account, place)
        kms = account.client("kms")
        fields["cmk_arn"] = kms.create_key(Description=place.hidden)["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=fields["alias"], TargetKeyId=fields["cmk_arn"])
        rekognition = account.client("rekognition")
        arn = rekognition.create_project(ProjectName=place.fields["project"])["ProjectArn"]
        train = rekognition.create_dataset(ProjectArn=arn, DatasetType="TRAIN")["DatasetArn"]
        fields |= {"project_arn": arn, "train_arn": train, "test_arn": f"{train[:-1]}7"}
        if place.word.startswith("private"):
            self._fill_dataset(rekognition, place)
        version = record_version(
            self._records, arn, VersionStatus.TRAINING_COMPLETED, fields["version"]
        )
        average_colour(self._server.home / "data" / "models" / str(version.id))
        fields["version_arn"] = version.arn
        for resource in (arn, train, version.arn):
            rekognition.tag_resource(ResourceArn=resource, Tags={"team": place.hidden})
        self._record_rows(place)
        self._fill_stack(account, place)

    def _fill_stack(self, account: Account, place: Place) -> None:
        cloud, fields = account.client("cloudformation"), place.fields
        template = {**json.loads(TEMPLATE), "Description": place.hidden}
        given = {"TemplateBody": json.dumps(template), "StackName": fields["stack"]}
        tags = [{"Key": "team", "Value": place.hidden}]
        fields["stack_arn"] = cloud.create_stack(**given, Tags=tags)["StackId"]

        def made() -> bool:
            (found,) = cloud.describe_stacks(StackName=fields["stack"])["Stacks"]
            return bool(found["StackStatus"] == "CREATE_COMPLETE")

        until(made, message="the stack")
        (parts,) = cloud.describe_stack_resources(StackName=fields["stack"])["StackResources"]
        fields["stacked_arn"] = parts["PhysicalResourceId"]
        tags = [{"Key": "team", "Value": f"{place.hidden}-changed"}]
        made_set = cloud.create_change_set(**given, ChangeSetName=fields["change_set"], Tags=tags)
        fields["change_set_arn"] = made_set["Id"]

    def _fill_iam(self, account: Account, place: Place) -> None:
        iam, fields = account.iam, place.fields
        statement = {"Sid": place.hidden, "Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        tags = [{"Key": "team", "Value": place.hidden}]
        iam.create_user(UserName=fields["user"], Tags=tags)
        key = iam.create_access_key(UserName=fields["user"])["AccessKey"]
        fields["key_id"] = key["AccessKeyId"]
        iam.create_group(GroupName=fields["group"])
        iam.create_policy(PolicyName=fields["policy"], PolicyDocument=document)
        iam.create_open_id_connect_provider(
            Url=f"https://{fields['issuer']}", ClientIDList=[place.hidden], Tags=tags
        )
        iam.create_role(
            RoleName=fields["role"],
            AssumeRolePolicyDocument=trust({"AWS": account.account_id}),
            Description=place.hidden,
        )

    def _fill_bucket(self, account: Account, place: Place) -> str:
        s3 = self._s3(account)
        bucket = place.fields["bucket"]
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=place.fields["key"], Body=PIXEL)
        s3.put_object(Bucket=bucket, Key=place.fields["manifest"], Body=_line(place))
        s3.put_object(Bucket=bucket, Key=f"{place.hidden}.txt", Body=place.hidden.encode())
        upload = s3.create_multipart_upload(Bucket=bucket, Key=place.fields["key"])
        return str(upload["UploadId"])

    def _s3(self, account: Account) -> Any:
        chosen: Any = account.session
        return chosen.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self._server.s3_port}",
            config=Config(s3={"addressing_style": "path"}),
        )

    def _fill_dataset(self, rekognition: Any, place: Place) -> None:
        fields = place.fields
        test = rekognition.create_dataset(ProjectArn=fields["project_arn"], DatasetType="TEST")
        fields["test_arn"] = test["DatasetArn"]
        rekognition.update_dataset_entries(
            DatasetArn=fields["train_arn"], Changes={"GroundTruth": _line(place)}
        )

        def settled() -> bool:
            found = rekognition.describe_dataset(DatasetArn=fields["train_arn"])
            return bool(found["DatasetDescription"]["Status"] == "UPDATE_COMPLETE")

        until(settled, message="the dataset's entry")

    def _record_rows(self, place: Place) -> None:
        """Write a review and a finished task as the console's calls leave them."""
        fields = place.fields
        caller = JobCaller(place.account_id, fields["user_arn"], fields["key_id"])
        with self._records.write() as connection:
            version = project_versions.find(connection, fields["version_arn"])
            assert version is not None
            review = reviews.create(
                connection,
                {
                    "token": secrets.token_hex(6),
                    "project_id": version.project_id,
                    "version_arn": version.arn,
                    "version_id": version.id,
                    "version_name": version.name,
                    "task": "classification",
                    "labels": [place.hidden],
                    "created_by": caller.arn,
                    "source": {"kind": "dataset", "type": "train"},
                    "sample": "all",
                    "limit": 1,
                    "min_confidence": None,
                },
            )
            payload = {"source": f"s3://{place.hidden}/", "output": "", "min_confidence": None}
            job = jobs.enqueue(connection, JobKind.ANALYZE_FOLDER, version.arn, caller, payload)
            jobs.finish(connection, jobs.get(connection, job), JobStatus.CANCELLED)
        fields |= {"review": review.token, "task": str(job)}

    def _callers(self, account: Account, opened: Place, private: Place) -> dict[str, Caller]:
        narrow = _narrow(opened)
        denied = json.dumps({"Version": "2012-10-17", "Statement": _deny(opened)})
        everything = json.dumps(ALLOW_ALL)
        iam = account.iam
        limit = iam.create_policy(PolicyName="limit", PolicyDocument=narrow)["Policy"]["Arn"]
        iam.create_role(
            RoleName="worker", AssumeRolePolicyDocument=trust({"AWS": account.account_id})
        )
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=everything)
        bounded = account.user("bounded", everything)
        iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=limit)
        role = f"arn:aws:iam::{account.account_id}:role/worker"

        def session(**given: Any) -> boto3.Session:
            made = account.sts.assume_role(RoleArn=role, RoleSessionName="day", **given)
            return account.of_credentials(made["Credentials"])

        sessions = {
            "administrator": account.session,
            "session of a role": session(),
            "user of one project": account.user("narrow", narrow),
            "user with a Deny": account.user("denied", denied),
            "session with a policy": session(PolicyArns=[{"arn": limit}]),
            "bounded user": bounded,
        }
        return {label: Caller(label, _credentials(made)) for label, made in sessions.items()}


def _narrow(place: Place) -> str:
    """Allow everything on the resources of a place, and nothing else."""
    project = f"arn:aws:rekognition:*:{place.account_id}:project/{place.fields['project']}/*"
    bucket = f"arn:aws:s3:::{place.fields['bucket']}"
    group = f"arn:aws:iam::{place.account_id}:group/{place.fields['group']}"
    names = ("user_arn", "role_arn", "policy_arn", "provider_arn")
    entities = [place.fields[name] for name in names]
    stack = f"arn:aws:cloudformation:*:{place.account_id}:stack/{place.fields['stack']}/*"
    reading = ["iam:Get*", "iam:List*", "iam:Simulate*"]
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": [project, stack, bucket, f"{bucket}/*"]},
        {"Effect": "Allow", "Action": "kms:*", "Resource": _keys(place)},
        {"Effect": "Allow", "Action": reading, "Resource": [*entities, group]},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _deny(place: Place) -> list[dict[str, Any]]:
    account_id, keys = place.account_id, _keys(place)
    private = [
        f"arn:aws:rekognition:*:{account_id}:project/private-*",
        "arn:aws:s3:::private-*",
        f"arn:aws:iam::{account_id}:*/private-*",
        f"arn:aws:cloudformation:*:{account_id}:stack/private-*",
    ]
    return [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": private},
        {"Effect": "Deny", "Action": "kms:*", "NotResource": keys},
        {"Effect": "Deny", "Action": "rekognition:DescribeProjects", "Resource": "*"},
    ]


def _keys(place: Place) -> list[str]:
    region, account_id = "us-east-1", place.account_id
    return [
        place.fields["cmk_arn"],
        f"arn:aws:kms:{region}:{account_id}:{place.fields['alias']}",
    ]


def _credentials(session: boto3.Session) -> Credentials:
    found = session.get_credentials()
    assert found is not None
    frozen = found.get_frozen_credentials()
    assert frozen.access_key
    assert frozen.secret_key
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def _line(place: Place) -> bytes:
    line = {
        "source-ref": f"s3://{place.fields['bucket']}/{place.fields['key']}",
        "kind": 1,
        "kind-metadata": {
            "class-name": place.hidden,
            "confidence": 1,
            "type": "groundtruth/image-classification",
            "job-name": "labeling-job/kind",
            "human-annotated": "yes",
            "creation-date": "2026-05-06T07:08:09",
        },
    }
    return json.dumps(line).encode() + b"\n"
