"""The one place that decides which server a command talks to, and with which keys.

The first of these that is given counts:

1. `--profile`: a profile of the AWS files;
2. `--data-directory`: its server, with its admin's keys;
3. AWS variables: AWS_ENDPOINT_URL_REKOGNITION or AWS_ENDPOINT_URL, or an AWS_PROFILE that names an
   endpoint of its own;
4. the server of LENSMITH_HOME, or of ./lensmith-data, with its admin's keys;
5. the profile custom-labels-access.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from lensmith.cli.connection.profile import DEFAULT_PROFILE, environment
from lensmith.cli.connection.settings import read_settings
from lensmith.config import Settings
from lensmith.domain.errors import LensmithError, StartupError
from lensmith.store.lock import last_holder

_AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_REKOGNITION", "AWS_ENDPOINT_URL")
_PROFILE_VARIABLES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
_NO_PROFILE = {"profile": (None, None, None, None)}  # whatever AWS_PROFILE says
_BY_PATH = Config(s3={"addressing_style": "path"})  # no wildcard DNS for bucket hosts needed


class ServerChoiceError(LensmithError):
    """There is no usable profile or CA bundle; the message says which and what to do."""


@dataclass(frozen=True)
class ServerChoice:
    """A server, the keys to sign with, and the source of both."""

    session: botocore.session.Session
    named_by: str  # `profile NAME`, `data directory PATH` or `AWS variables`
    s3_by_path: bool = False  # buckets in the path, whatever the session says
    rekognition_url: str | None = None  # None: as the session finds it
    s3_url: str | None = None

    def rekognition(self, config: Config | None = None) -> Any:
        """Make a client; raises ServerChoiceError."""
        return self._client("rekognition", self.rekognition_url, config)

    def s3(self) -> Any:
        """Make a client; raises ServerChoiceError."""
        return self._client("s3", self.s3_url, _BY_PATH if self.s3_by_path else None)

    @cached_property
    def endpoint(self) -> str:
        return str(self.rekognition().meta.endpoint_url)

    @cached_property
    def key_id(self) -> str:
        """Return the id of the key that signs; `none` without one."""
        with _naming_profiles():
            credentials = self.session.get_credentials()
        return "none" if credentials is None else str(credentials.access_key)

    @cached_property
    def verify(self) -> str | None:
        """Return the file of certificate authorities; None for those that botocore brings.

        AWS_CA_BUNDLE, `ca_bundle` of the profile and SSL_CERT_FILE name one, in this order.
        Raises ServerChoiceError when there is no such file.
        """
        bundle = self.session.get_config_variable("ca_bundle") or os.environ.get("SSL_CERT_FILE")
        if bundle and not Path(bundle).is_file():
            raise ServerChoiceError(
                f"There is no file {bundle}, which AWS_CA_BUNDLE, ca_bundle or SSL_CERT_FILE names."
            )
        return bundle or None

    @cached_property
    def _boto3_session(self) -> boto3.Session:
        return boto3.Session(botocore_session=self.session)  # which it may wrap only once

    def _client(self, service: str, url: str | None, config: Config | None) -> Any:
        with _naming_profiles():
            return self._boto3_session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=url,
                config=config,
                verify=self.verify,
            )


def choose_server(profile: str | None, data_directory: Path | None) -> ServerChoice:
    """Decide as the module says.

    Raises StartupError when no server ever ran on a data directory that was asked for, or nothing
    names a server; ServerChoiceError for an unusable profile.
    """
    if profile is not None:
        return _of_profile(profile)
    if data_directory is not None:
        return of_data_directory(read_settings(data_directory))
    return _of_variables() or _of_usual_directory() or _of_default_profile()


def is_of_aws(endpoint: str) -> bool:
    return (urlsplit(endpoint).hostname or "").endswith(_AWS_DOMAINS)


def _of_profile(profile: str) -> ServerChoice:
    """Take region and endpoints of the profile, which to botocore come after the variables."""
    session = _session(profile)
    settings = session.get_scoped_config()
    if settings.get("region"):
        session.set_config_variable("region", settings["region"])
    return ServerChoice(
        session,
        f"profile {profile}",
        rekognition_url=_endpoint(session, "rekognition"),
        s3_url=_endpoint(session, "s3"),
    )


def _endpoint(session: botocore.session.Session, service: str) -> str | None:
    """Return the endpoint that the files name for a service, if any."""
    settings = session.get_scoped_config()
    sections = session.full_config.get("services", {})
    own = sections.get(settings.get("services"), {}).get(service, {})
    return own.get("endpoint_url") or settings.get("endpoint_url") or None


def of_data_directory(settings: Settings) -> ServerChoice:
    """Take the server of a data directory; raises StartupError when none ever ran there."""
    given = environment(settings)
    session = botocore.session.Session(session_vars=_NO_PROFILE)
    session.set_config_variable("region", given["AWS_REGION"])
    session.set_credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
    return ServerChoice(
        session,
        f"data directory {settings.data_directory}",
        s3_by_path=True,
        rekognition_url=given["AWS_ENDPOINT_URL_REKOGNITION"],
        s3_url=given["AWS_ENDPOINT_URL_S3"],
    )


def _of_variables() -> ServerChoice | None:
    region = os.environ.get("AWS_REGION")
    if any(map(os.environ.get, _ENDPOINT_VARIABLES)):
        return ServerChoice(_session(None, region), "AWS variables", s3_by_path=True)
    if (profile := next(filter(None, map(os.environ.get, _PROFILE_VARIABLES)), None)) is None:
        return None
    choice = ServerChoice(_session(None, region), f"profile {profile} (AWS_PROFILE)")
    return None if is_of_aws(choice.endpoint) else choice


def _of_usual_directory() -> ServerChoice | None:
    settings = read_settings()
    try:
        holder = last_holder(settings.data_directory)
    except OSError as error:
        raise ServerChoiceError(
            f"{settings.data_directory} cannot be read: {error.strerror}. Name a server by "
            "--profile, or a readable directory by LENSMITH_HOME."
        ) from error
    return None if holder is None else of_data_directory(settings)


def _of_default_profile() -> ServerChoice:
    home = os.environ.get("LENSMITH_HOME")
    if DEFAULT_PROFILE in botocore.session.Session().available_profiles:
        if home:
            typer.echo(
                f"No server ever ran on {home} (LENSMITH_HOME); using profile {DEFAULT_PROFILE}.",
                err=True,
            )
        return _of_profile(DEFAULT_PROFILE)
    raise StartupError(
        f"No server ever ran on {read_settings().data_directory}, and there is no profile "
        f"{DEFAULT_PROFILE}. Start a server by `lensmith serve`, or name a profile by --profile."
    )


def _session(profile: str | None, region: str | None = None) -> botocore.session.Session:
    """Raises ServerChoiceError when there is no such profile."""
    session = botocore.session.Session(profile=profile)
    with _naming_profiles():
        session.get_scoped_config()
    if region is not None:
        session.set_config_variable("region", region)
    return session


@contextmanager
def _naming_profiles() -> Iterator[None]:
    try:
        yield
    except BotoCoreError as error:
        raise ServerChoiceError(f"{error}. Write a profile by `lensmith configure`.") from error
