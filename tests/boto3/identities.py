"""Accounts of the tests' own, and clients of every service for a key."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.support.live_server import LiveServer

from lensmith.store.boto_session import boto_session
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records

ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUST_ACCOUNT = "arn:aws:iam::{}:root"


def allow(*actions: str, resource: str | list[str] = "*", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: Mapping[str, str], action: str = "sts:AssumeRole", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Principal": principal, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def code_of(call: Callable[[], Any]) -> str | None:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


class Account:
    """A fresh account with an administrator."""

    def __init__(self, server: LiveServer, records: Records) -> None:
        self._server = server
        self.account_id = f"{random.SystemRandom().randrange(10**12):012}"
        with records.write() as connection:
            accounts.create_account(connection, self.account_id)
            arn = accounts.create_user(connection, self.account_id, "root-admin", [ALLOW_ALL])
            key = accounts.create_access_key(connection, arn)
        self.session = self.of_key(key.access_key_id, key.secret_access_key)
        self.iam = self.client("iam")
        self.sts = self.client("sts")

    def of_key(self, key_id: str, secret: str, token: str | None = None) -> boto3.Session:
        return boto_session(
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            region_name="us-east-1",
        )

    def of_credentials(self, credentials: Mapping[str, Any]) -> boto3.Session:
        return self.of_key(
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials.get("SessionToken"),
        )

    def client(self, service: str, session: boto3.Session | None = None) -> Any:
        chosen: Any = session or self.session
        return chosen.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self._server.port}",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

    def user(self, name: str, policy: str | None = None) -> boto3.Session:
        """A new user with an inline policy."""
        self.iam.create_user(UserName=name)
        if policy is not None:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
        return self.of_credentials(self.iam.create_access_key(UserName=name)["AccessKey"])


def may_list(account: Account, session: boto3.Session) -> bool:
    return code_of(account.client("rekognition", session).describe_projects) is None


@pytest.fixture
def account(server: LiveServer, live_records: Records) -> Account:
    return Account(server, live_records)
