"""`lensmith configure`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings

if TYPE_CHECKING:
    from lensmith.config import Settings
    from lensmith.store.lock import Holder
    from lensmith.store.records.accounts import AccessKey

DEFAULT_PROFILE = "custom-labels-access"


def configure(
    data_directory: DataDirectory = None,
    profile: Annotated[str, typer.Option(help="Name of the AWS profile")] = DEFAULT_PROFILE,
    user: Annotated[str, typer.Option(help="Whose keys")] = "admin",
    env: Annotated[
        bool, typer.Option("--env", help="Print export lines to eval, write nothing")
    ] = False,
) -> None:
    """Point AWS clients here: write a profile, or print environment variables."""
    settings = read_settings(data_directory)
    if env:
        for name, value in environment(settings, user).items():
            typer.echo(f"export {name}={_quoted(value)}")
        return
    for path in write_profile(settings, profile, user):
        typer.echo(f"Wrote profile {profile} to {path}")


def environment(settings: Settings, user: str = "admin") -> dict[str, str]:
    """The variables with which any AWS client of this process's children talks to Lensmith.

    Raises StartupError when there is no such user or the server never ran.
    """
    place, key = server_place(settings), _key(settings, user)
    return {
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_ENDPOINT_URL_REKOGNITION": place.endpoint,
        "AWS_ENDPOINT_URL_CLOUDWATCH": place.endpoint,
        "AWS_ENDPOINT_URL_S3": place.s3_endpoint,
    }


def write_profile(settings: Settings, profile: str, user: str = "admin") -> list[str]:
    """Write the profile into the two AWS files; returns their paths.

    Raises StartupError when there is no such user or the server never ran.
    """
    from lensmith.cli.connection.aws_files import config_path, credentials_path, write_sections

    place, key = server_place(settings), _key(settings, user)
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
                "region": place.region,
                "services": services,
                "s3": {"addressing_style": "path"},  # no wildcard DNS for bucket hosts needed
            },
            f"services {services}": {
                "rekognition": {"endpoint_url": place.endpoint},
                "cloudwatch": {"endpoint_url": place.endpoint},
                "s3": {"endpoint_url": place.s3_endpoint},
            },
        },
    )
    return [str(credentials_path()), str(config_path())]


def server_place(settings: Settings) -> Holder:
    """Where the server is, or was when it last ran; raises StartupError when it never did."""
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

    records = Records.open(settings.records_location)
    try:
        with records.read() as connection:
            arn = f"arn:aws:iam::{settings.account_id}:user/{user}"
            key = accounts.permanent_key(connection, arn)
    finally:
        records.close()
    if key is None:
        raise StartupError(f"There is no user {user} with keys; see `lensmith user list`.")
    return key


def _quoted(value: str) -> str:
    import shlex

    return shlex.quote(value)
