"""`lensmith configure`: unmodified AWS clients find the server through what it writes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.live_server import BIN, LiveServer

# What a user's program does, without a word about Lensmith in it.
_PROGRAM = """
import boto3, sys
session = boto3.Session(profile_name=sys.argv[1])
rekognition, s3 = session.client("rekognition"), session.client("s3")
bucket = sys.argv[2]
s3.create_bucket(Bucket=bucket)
s3.put_object(Bucket=bucket, Key="k", Body=b"data")
print(rekognition.meta.region_name, "ProjectDescriptions" in rekognition.describe_projects())
"""


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


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("profile", ["custom-labels-access", "mine", "default"])
def test_a_profile_is_all_boto3_needs(clean: dict[str, str], tmp_path: Path, profile: str) -> None:
    arguments = [] if profile == "custom-labels-access" else ["--profile", profile]
    wrote = run(clean, str(BIN / "lensmith"), "configure", *arguments)
    assert str(tmp_path / "aws" / "config") in wrote
    printed = run(clean, sys.executable, "-c", _PROGRAM, profile, f"by-{profile}")
    assert printed.split() == ["us-east-1", "True"]


def test_the_aws_cli_uses_it_too(clean: dict[str, str], tmp_path: Path) -> None:
    run(clean, str(BIN / "lensmith"), "configure")
    (tmp_path / "file").write_bytes(b"data")
    aws = [str(BIN / "aws"), "--profile", "custom-labels-access"]
    run(clean, *aws, "s3", "mb", "s3://by-the-cli")
    run(clean, *aws, "s3", "cp", str(tmp_path / "file"), "s3://by-the-cli/k")
    answered = run(clean, *aws, "rekognition", "describe-projects", "--output", "json")
    assert "ProjectDescriptions" in json.loads(answered)


def test_nothing_goes_to_aws_itself(clean: dict[str, str], server: LiveServer) -> None:
    run(clean, str(BIN / "lensmith"), "configure")
    code = (
        "import boto3, sys\n"
        "session = boto3.Session(profile_name='custom-labels-access')\n"
        "for name in sys.argv[1:]: print(session.client(name).meta.endpoint_url)"
    )
    services = ("rekognition", "cloudwatch", "iam", "sts", "s3", "ec2", "sqs")
    printed = run(clean, sys.executable, "-c", code, *services).split()
    ports = [url.rpartition(":")[2] for url in printed]
    s3 = server.environment()["AWS_ENDPOINT_URL_S3"].rpartition(":")[2]
    assert ports == [s3 if name == "s3" else str(server.port) for name in services]


def test_other_profiles_stay(clean: dict[str, str]) -> None:
    config = Path(clean["AWS_CONFIG_FILE"])
    config.parent.mkdir()
    config.write_text("# mine\n[profile other]\nregion = eu-west-1\n")
    credentials = Path(clean["AWS_SHARED_CREDENTIALS_FILE"])
    credentials.write_text("[other]\naws_access_key_id = A\naws_secret_access_key = B\n")
    run(clean, str(BIN / "lensmith"), "configure")
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
        done = subprocess.run(
            [str(BIN / "lensmith"), "configure", *arguments],
            env=clean,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
