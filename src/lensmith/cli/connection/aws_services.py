"""The AWS clients of commands that work through the public API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lensmith.cli.connection.profile import DEFAULT_PROFILE, environment
from lensmith.cli.connection.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3 import Session
    from botocore.config import Config

    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.exchange.services import Services


def connect(
    profile: str | None, data_directory: Path | None, config: Config | None = None
) -> Services:
    """Make clients from what is given first: a data directory (its admin's keys), a profile, the
    environment as `lensmith configure --env` sets it, the profile custom-labels-access, or the
    data directory that every command uses. `config` is for calls of Rekognition.

    Raises StartupError when no server ever ran there, ExchangeError for an unusable profile.
    """
    given = _environment(profile, data_directory)
    if given is None:
        return _by_profile(profile or DEFAULT_PROFILE, config)
    return _by_environment(given, config)


def connect_lensmith(profile: str | None, data_directory: Path | None) -> LensmithApi:
    """Make a client of the routes under /_lensmith/, with keys found as by `connect`.

    Raises as `connect` does.
    """
    from boto3 import Session
    from botocore.exceptions import BotoCoreError

    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.exchange.failure import ExchangeError

    given = _environment(profile, data_directory)
    if given is not None:
        return LensmithApi(_session(given), given["AWS_ENDPOINT_URL_REKOGNITION"])
    try:
        session = Session(profile_name=profile or DEFAULT_PROFILE)
        return LensmithApi(session, session.client("rekognition").meta.endpoint_url)
    except BotoCoreError as error:
        raise ExchangeError(f"{error}. Write a profile by `lensmith configure`.") from error


def _environment(profile: str | None, data_directory: Path | None) -> Mapping[str, str] | None:
    """Return the variables that name endpoints and keys; None if a profile does."""
    if data_directory is not None:
        return environment(read_settings(data_directory))
    if profile is None and "AWS_ENDPOINT_URL_REKOGNITION" in os.environ:
        return os.environ
    if profile is None and not _has_default_profile():
        return environment(read_settings())
    return None


def _has_default_profile() -> bool:
    from boto3 import Session

    return DEFAULT_PROFILE in Session().available_profiles


def _by_profile(profile: str, config: Config | None) -> Services:
    from boto3 import Session
    from botocore.exceptions import BotoCoreError

    from lensmith.exchange.failure import ExchangeError
    from lensmith.exchange.services import Services

    try:
        session = Session(profile_name=profile)
        return Services(session.client("rekognition", config=config), session.client("s3"))
    except BotoCoreError as error:
        raise ExchangeError(f"{error}. Write a profile by `lensmith configure`.") from error


def _by_environment(given: Mapping[str, str], config: Config | None) -> Services:
    from botocore.config import Config

    from lensmith.exchange.services import Services

    session = _session(given)
    by_path = Config(s3={"addressing_style": "path"})  # no wildcard DNS for bucket hosts needed
    return Services(
        session.client(
            "rekognition", endpoint_url=given["AWS_ENDPOINT_URL_REKOGNITION"], config=config
        ),
        session.client("s3", endpoint_url=given.get("AWS_ENDPOINT_URL_S3"), config=by_path),
    )


def _session(given: Mapping[str, str]) -> Session:
    from boto3 import Session

    return Session(
        aws_access_key_id=given.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=given.get("AWS_SESSION_TOKEN"),
        region_name=given.get("AWS_REGION") or given.get("AWS_DEFAULT_REGION"),
    )
