"""The AWS profile, and the variables, with which AWS clients reach a Lensmith server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lensmith.config import Settings
    from lensmith.store.lock import Holder
    from lensmith.store.records.accounts import AccessKey

DEFAULT_PROFILE = "custom-labels-access"


def environment(settings: Settings, user: str = "admin") -> dict[str, str]:
    """Build the variables that point AWS clients at the server.

    Raises StartupError when there is no such user or the server never ran.
    """
    server, key = last_server(settings), _key(settings, user)
    return {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": server.region,
        "AWS_DEFAULT_REGION": server.region,
        "AWS_ENDPOINT_URL": server.endpoint,  # so that nothing goes to AWS itself
        "AWS_ENDPOINT_URL_REKOGNITION": server.endpoint,
        "AWS_ENDPOINT_URL_CLOUDWATCH": server.endpoint,
        "AWS_ENDPOINT_URL_IAM": server.endpoint,
        "AWS_ENDPOINT_URL_STS": server.endpoint,
        "AWS_ENDPOINT_URL_S3": server.s3_endpoint,
    }


def write_profile(settings: Settings, profile: str, user: str = "admin") -> list[str]:
    """Write the profile into the two AWS files; returns their paths.

    Raises StartupError when there is no such user or the server never ran.
    """
    from lensmith.cli.connection.aws_files import config_path, credentials_path, write_sections

    server, key = last_server(settings), _key(settings, user)
    section = "default" if profile == "default" else f"profile {profile}"
    services = f"lensmith-{profile}"
    write_sections(
        credentials_path(),
        {
            profile: {
                "aws_access_key_id": key.access_key_id,
                "aws_secret_access_key": key.secret_access_key,
                "aws_session_token": None,
            }
        },
    )
    write_sections(
        config_path(),
        {
            section: {
                "region": server.region,
                "services": services,
                "endpoint_url": server.endpoint,  # so that nothing goes to AWS itself
                "s3": {"addressing_style": "path"},  # no wildcard DNS for bucket hosts needed
            },
            f"services {services}": {
                "rekognition": {"endpoint_url": server.endpoint},
                "cloudwatch": {"endpoint_url": server.endpoint},
                "iam": {"endpoint_url": server.endpoint},
                "sts": {"endpoint_url": server.endpoint},
                "s3": {"endpoint_url": server.s3_endpoint},
            },
        },
    )
    return [str(credentials_path()), str(config_path())]


def last_server(settings: Settings) -> Holder:
    """Read where the server runs, or last ran; raises StartupError if it never did."""
    from lensmith.domain.errors import StartupError
    from lensmith.store.lock import last_holder

    holder = last_holder(settings.data_directory)
    if holder is None:
        raise StartupError(
            f"No server ever ran on {settings.data_directory}; start one with `lensmith serve`."
        )
    return holder


def _key(settings: Settings, user: str) -> AccessKey:
    from lensmith.domain.errors import StartupError
    from lensmith.store.records import accounts
    from lensmith.store.records.engine import Records

    records = Records.of(settings)
    try:
        with records.read() as connection:
            arn = f"arn:aws:iam::{settings.account_id}:user/{user}"
            key = accounts.permanent_key(connection, arn)
    finally:
        records.close()
    if key is None:
        raise StartupError(f"There is no user {user} with keys; see `lensmith user list`.")
    return key
