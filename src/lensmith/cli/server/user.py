"""`lensmith user create` and `lensmith user list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lensmith.cli.connection.profile import last_server
from lensmith.cli.connection.settings import DataDirectory, read_settings

if TYPE_CHECKING:
    from lensmith.config import Settings
    from lensmith.store.records.accounts import AccessKey

app = typer.Typer(help="The users of this installation.", no_args_is_help=True)

_EVERYTHING_HERE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["rekognition:*", "s3:*"], "Resource": "*"}],
}


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="1 to 64 of letters, digits and +=,.@_-")],
    data_directory: DataDirectory = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="IAM policy document (JSON); by default all of rekognition and s3"),
    ] = None,
) -> None:
    """Create a user with an access key and print both parts of the key."""
    settings = read_settings(data_directory)
    last_server(settings)
    document = _EVERYTHING_HERE if policy is None else _read_policy(policy)
    key = _create(settings, name, document)
    _notify_server(settings)
    typer.echo(f"User:              {key.caller.arn}")
    typer.echo(f"Access key id:     {key.access_key_id}")
    typer.echo(f"Secret access key: {key.secret_access_key}")


@app.command("list")
def list_users(data_directory: DataDirectory = None) -> None:
    """List users and the ids of their keys."""
    from rich.console import Console
    from rich.table import Table

    from lensmith.store.records import accounts
    from lensmith.store.records.engine import Records

    settings = read_settings(data_directory)
    last_server(settings)
    records = Records.open(settings.records_location)
    try:
        with records.read() as connection:
            keys = accounts.list_access_keys(connection)
    finally:
        records.close()
    table = Table("user", "access key id", "policies")
    for key in keys:
        table.add_row(key.caller.arn, key.access_key_id, str(len(key.policies)))
    Console().print(table)


def _create(settings: Settings, name: str, policy: dict[str, Any]) -> AccessKey:
    import re

    from sqlalchemy.exc import IntegrityError

    from lensmith.domain.errors import LensmithError
    from lensmith.store.records import accounts
    from lensmith.store.records.engine import Records
    from lensmith.store.records.schema import migrate

    if not re.fullmatch(r"[\w+=,.@-]{1,64}", name, re.ASCII):
        raise LensmithError(f"{name!r} is no user name: 1 to 64 letters, digits and +=,.@_-")
    records = Records.open(settings.records_location)
    try:
        migrate(records)
        with records.write() as connection:
            accounts.create_account(connection, settings.account_id)
            arn = accounts.create_user(connection, settings.account_id, name, [policy])
            return accounts.create_access_key(connection, arn)
    except IntegrityError as error:
        raise LensmithError(f"There is a user {name} already.") from error
    finally:
        records.close()


def _read_policy(path: Path) -> dict[str, Any]:
    """Raises LensmithError when the file holds no IAM policy document."""
    import msgspec

    from lensmith.domain.errors import LensmithError
    from lensmith.domain.policy.document import Policy

    try:
        document = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
        Policy.parse(document)
    except (OSError, msgspec.MsgspecError, ValueError) as error:
        raise LensmithError(f"{path} holds no policy document: {error}") from error
    return document


def _notify_server(settings: Settings) -> None:
    """Signal a running server with SIGHUP: it hands the new keys to the object store."""
    import os
    import signal

    from lensmith.store.lock import current_holder

    holder = current_holder(settings.data_directory)
    if holder is not None:
        os.kill(holder.pid, signal.SIGHUP)
