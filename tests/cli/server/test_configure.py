"""`lensmith configure`: unmodified AWS clients find the server through what it writes."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.support.command import aws, aws_answer, lensmith, only
from tests.support.live_server import BIN, LiveServer


def users_program(profile: str, bucket: str) -> tuple[str, bool]:
    """Do what a user's program does, without a word about Lensmith in it."""
    session = boto3.Session(profile_name=profile)
    rekognition, s3 = session.client("rekognition"), session.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    return rekognition.meta.region_name, "ProjectDescriptions" in rekognition.describe_projects()


@pytest.fixture
def clean(server: LiveServer, tmp_path: Path) -> dict[str, str]:
    """An environment with the server's LENSMITH_ variables and empty AWS files."""
    environment = {
        name: value for name, value in server.environment().items() if not name.startswith("AWS_")
    }
    return {
        **environment,
        "AWS_CONFIG_FILE": str(tmp_path / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws" / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def configure(environment: dict[str, str], *arguments: str) -> str:
    done = lensmith(environment, "configure", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("profile", ["custom-labels-access", "mine", "default"])
def test_a_profile_is_all_boto3_needs(clean: dict[str, str], tmp_path: Path, profile: str) -> None:
    arguments = [] if profile == "custom-labels-access" else ["--profile", profile]
    wrote = configure(clean, *arguments)
    assert str(tmp_path / "aws" / "config") in wrote
    with only(clean):
        assert users_program(profile, f"by-{profile}") == ("us-east-1", True)


def test_the_aws_cli_uses_it_too(clean: dict[str, str], tmp_path: Path) -> None:
    configure(clean)
    (tmp_path / "file").write_bytes(b"data")
    profile = ("--profile", "custom-labels-access")
    for arguments in (("mb", "s3://by-the-cli"), ("cp", tmp_path / "file", "s3://by-the-cli/k")):
        done = aws(clean, *profile, "s3", *arguments)
        assert done.returncode == 0, done.stderr
    answered = aws_answer(clean, *profile, "rekognition", "describe-projects")
    assert "ProjectDescriptions" in answered


def test_nothing_goes_to_aws_itself(clean: dict[str, str], server: LiveServer) -> None:
    configure(clean)
    services = ("rekognition", "cloudwatch", "iam", "sts", "s3", "ec2", "sqs")
    with only(clean):
        client: Any = boto3.Session(profile_name="custom-labels-access").client
        ports = [client(name).meta.endpoint_url.rpartition(":")[2] for name in services]
    s3 = server.environment()["AWS_ENDPOINT_URL_S3"].rpartition(":")[2]
    assert ports == [s3 if name == "s3" else str(server.port) for name in services]


def test_other_profiles_stay(clean: dict[str, str]) -> None:
    config = Path(clean["AWS_CONFIG_FILE"])
    config.parent.mkdir()
    config.write_text("# mine\n[profile other]\nregion = eu-west-1\n")
    credentials = Path(clean["AWS_SHARED_CREDENTIALS_FILE"])
    credentials.write_text("[other]\naws_access_key_id = A\naws_secret_access_key = B\n")
    configure(clean)
    assert config.read_text().startswith("# mine\n[profile other]\nregion = eu-west-1\n")
    assert credentials.read_text().startswith("[other]\naws_access_key_id = A\n")
    for file in (config, credentials):
        assert file.stat().st_mode & 0o777 == 0o600


def test_the_environment_form_can_be_evaluated(clean: dict[str, str]) -> None:
    del clean["AWS_CONFIG_FILE"], clean["AWS_SHARED_CREDENTIALS_FILE"]
    script = f'eval "$({BIN}/lensmith configure --env)" && {BIN}/aws s3 ls && env'
    printed = run({**clean, "HOME": "/nonexistent"}, "bash", "-c", script)
    for name in ("ACCESS_KEY_ID", "REGION", "ENDPOINT_URL_REKOGNITION", "ENDPOINT_URL_S3"):
        assert f"AWS_{name}=" in printed


def test_says_what_is_wrong(clean: dict[str, str], tmp_path: Path) -> None:
    for arguments, reason in (
        (["--user", "nobody"], "no user nobody"),
        (["--home", str(tmp_path / "never")], "No server ever ran"),
    ):
        done = lensmith(clean, "configure", *arguments)
        assert done.returncode == 1
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
