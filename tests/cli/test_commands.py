"""`lensmith user`, `status` and `stop` against a live server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.support import command
from tests.support.command import Done, lensmith
from tests.support.eventually import until
from tests.support.live_server import LiveServer


def program(server: LiveServer, *arguments: str) -> Done:
    """Start the program itself, as the other tests of commands do not."""
    return command.program(server.environment(), *arguments)


def failure(server: LiveServer, *arguments: str) -> str:
    """What the command says when it ends with 1."""
    done = lensmith(server.environment(), *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_new_user_works_at_once_and_only_as_allowed(server: LiveServer, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    statement = {"Effect": "Allow", "Action": "rekognition:DescribeProjects", "Resource": "*"}
    policy.write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    made = program(server, "user", "create", "reader", "--policy", str(policy))
    assert made.returncode == 0, made.stderr
    printed = made.stdout
    assert "arn:aws:iam::000000000000:user/reader" in printed

    reader = server.rekognition("reader")
    assert "ProjectDescriptions" in reader.describe_projects()
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.create_project(ProjectName="forbidden")
    assert "reader" in server.run("user", "list")


def test_a_user_without_a_policy_file_may_use_both_services(server: LiveServer) -> None:
    server.run("user", "create", "colleague")
    assert "ProjectDescriptions" in server.rekognition("colleague").describe_projects()
    until(lambda: knows_keys_of(server, "colleague"), message="the store never learnt of the key")
    server.s3("colleague").create_bucket(Bucket="of-a-colleague")


def test_a_user_may_have_a_key_that_exists_elsewhere(server: LiveServer, tmp_path: Path) -> None:
    file = tmp_path / "accessKeys.csv"  # as AWS's console writes it
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    file.write_text(f"\ufeffAccess key ID,Secret access key\r\nAKIAIOSFODNN7EXAMPLE,{secret}\r\n")
    printed = server.run("user", "create", "elsewhere", "--key-file", str(file))
    assert "AKIAIOSFODNN7EXAMPLE" in printed
    assert secret not in printed
    assert server.exports("elsewhere")["AWS_SECRET_ACCESS_KEY"] == secret
    assert "ProjectDescriptions" in server.rekognition("elsewhere").describe_projects()
    again = failure(server, "user", "create", "other", "--key-file", str(file))
    assert "a user other or a key AKIAIOSFODNN7EXAMPLE already" in again
    file.write_text(secret)
    said = failure(server, "user", "create", "other", "--key-file", str(file))
    assert "holds no key" in said
    assert secret not in said


def knows_keys_of(server: LiveServer, user: str) -> bool:
    try:
        server.s3(user).list_buckets()
    except ClientError as error:
        return error.response["Error"]["Code"] != "InvalidAccessKeyId"
    return True


@pytest.mark.parametrize(
    "document", ["{", "[]", "{}", '{"Statement": [{"Effect": "Perhaps"}]}'], ids=repr
)
def test_refuses_what_is_no_policy(server: LiveServer, tmp_path: Path, document: str) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(document)
    said = failure(server, "user", "create", "somebody", "--policy", str(policy))
    assert "no policy document" in said


def test_refuses_names_that_are_taken_or_none(server: LiveServer) -> None:
    refused = program(server, "user", "create", "admin")
    assert refused.returncode == 1
    assert "already" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "no user name" in failure(server, "user", "create", "a/b")


def test_users_need_a_data_directory(server: LiveServer, tmp_path: Path) -> None:
    never = str(tmp_path / "never")
    assert "No server ever ran" in failure(server, "user", "create", "ada", "--home", never)
    assert "No server ever ran" in failure(server, "user", "list", "--home", never)


def test_status_shows_the_server_and_its_children(server: LiveServer) -> None:
    # A child is told by its program once it is that: a moment after it was started.
    printed = until(
        lambda: program(server, "status").stdout,
        lambda said: "weed server" in said and "lensmith.datasets" in said,
        pause=1.0,
    )
    assert str(server.pid) in printed


def test_stop_ends_a_server_and_is_content_without_one(
    new_server: Callable[..., LiveServer],
) -> None:
    server = new_server()
    server.start()
    assert "Stopped" in program(server, "server", "stop").stdout
    assert server.process is not None
    assert server.process.wait(10) == 0
    assert "No server runs" in server.run("stop")
    home = str(server.home / "data")
    assert "No server runs" in lensmith(os.environ, "status", "--home", home).stdout
