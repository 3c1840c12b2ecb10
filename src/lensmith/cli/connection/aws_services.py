"""The clients of commands that work through the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_rekognition import RekognitionClient

    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.cli.connection.server_choice import ServerChoice
    from lensmith.exchange.services import Services


def connect(
    profile: str | None, data_directory: Path | None, config: Config | None = None
) -> Services:
    """Make AWS clients of the server that `choose_server` names, and raise as it does.

    `config` is for calls of Rekognition.
    """
    from lensmith.cli.connection.server_choice import choose_server

    return services(choose_server(profile, data_directory), config)


def connect_rekognition(profile: str | None, data_directory: Path | None) -> RekognitionClient:
    """Make the one client that most commands need; raises as `connect`."""
    from lensmith.cli.connection.refused_key import name_refused_keys
    from lensmith.cli.connection.server_choice import choose_server

    choice = choose_server(profile, data_directory)
    client: RekognitionClient = choice.rekognition()
    name_refused_keys(client, choice)
    return client


def connect_lensmith(profile: str | None, data_directory: Path | None) -> LensmithApi:
    """Make a client of the routes under /_lensmith/ of the same server; raises as `connect`."""
    from lensmith.cli.connection.lensmith_api import LensmithApi
    from lensmith.cli.connection.server_choice import choose_server

    return LensmithApi(choose_server(profile, data_directory))


def services(choice: ServerChoice, config: Config | None = None) -> Services:
    from lensmith.cli.connection.refused_key import name_refused_keys
    from lensmith.exchange.services import Services

    made = Services(choice.rekognition(config), choice.s3())
    for client in (made.rekognition, made.s3):
        name_refused_keys(client, choice)
    return made
