"""`lensmith user`: the users of an installation, their keys and rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lensmith.cli.connection.local_records import local_records
from lensmith.cli.connection.settings import DataDirectory, read_settings
from lensmith.cli.terminal.confirm import Yes, confirm

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lensmith.config import Settings
    from lensmith.store.records.accounts import AccessKey
    from lensmith.store.records.users import User

app = typer.Typer(help="The users of this installation.", no_args_is_help=True)

UserName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user")]
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
    key_file: Annotated[
        Path | None,
        typer.Option(help="A key that exists already: id,secret, as in AWS's accessKeys.csv"),
    ] = None,
) -> None:
    """Create a user with an access key and print both parts of the key.

    With --key-file the user has a key that another S3 knows, too.
    """
    settings = read_settings(data_directory)
    document = _EVERYTHING_HERE if policy is None else _read_policy(policy)
    given = None if key_file is None else _read_key(key_file)
    key = _create(settings, name, document, given)
    if given is None:
        _show_key(key)
    else:
        typer.echo(f"User:              {key.caller.arn}")
        typer.echo(f"Access key id:     {key.access_key_id}")


@app.command("list")
def list_users(data_directory: DataDirectory = None) -> None:
    """List users, the ids of their keys, and how many policies each has."""
    from rich.console import Console

    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.store.records import users

    with local_records(read_settings(data_directory)) as connection:
        found = users.list_users(connection)
    table = plain_table()
    table.add_column("user", overflow="fold")
    table.add_column("access key id")
    table.add_column("policies", justify="right")
    table.add_column("state")
    for user in found:
        state = "disabled" if user.is_disabled else "enabled"
        table.add_row(user.name, "\n".join(user.key_ids), str(len(user.policies)), state)
    Console().print(table)


@app.command("disable")
def disable(name: UserName, data_directory: DataDirectory = None) -> None:
    """Refuse every key and session of a user, from the next call on."""
    _set_disabled(name, data_directory, disabled=True)
    typer.echo(f"{name} is disabled; `lensmith user enable {name}` undoes it.")


@app.command("enable")
def enable(name: UserName, data_directory: DataDirectory = None) -> None:
    """Accept the keys of a disabled user again."""
    _set_disabled(name, data_directory, disabled=False)
    typer.echo(f"{name} is enabled.")


@app.command("rotate")
def rotate(name: UserName, data_directory: DataDirectory = None) -> None:
    """Replace the key of a user: the old one stops working, its sessions end."""
    from lensmith.store.records import users

    with _changing(name, data_directory) as (connection, user):
        key = users.rotate_keys(connection, user.arn)
    _show_key(key)
    typer.echo("The old key stopped working. Write the new one into a profile:")
    typer.echo(f"lensmith configure --user {name}")


@app.command("set-policy")
def set_policy(
    name: UserName,
    policy: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="IAM policy documents (JSON)")
    ],
    data_directory: DataDirectory = None,
) -> None:
    """Replace the policies of a user; they apply from the next call on."""
    from lensmith.store.records import users

    documents = [_read_policy(path) for path in policy]
    with _changing(name, data_directory) as (connection, user):
        users.set_policies(connection, user.arn, documents)
    count = "1 policy" if len(documents) == 1 else f"{len(documents)} policies"
    typer.echo(f"{name} has {count} now.")


@app.command("delete")
def delete(name: UserName, yes: Yes = False, data_directory: DataDirectory = None) -> None:
    """Delete a user with its keys and sessions; projects and models stay."""
    from lensmith.domain.errors import LensmithError
    from lensmith.server.first_start import ADMIN
    from lensmith.store.records import users

    if name == ADMIN:
        raise LensmithError(
            f"{ADMIN} is made again at the next start; use `lensmith user rotate` or `disable`."
        )
    confirm(f"Delete user {name} and its keys?", yes)
    with _changing(name, data_directory) as (connection, user):
        users.delete_user(connection, user.arn)
    typer.echo(f"Deleted user {name}.")


def _set_disabled(name: str, data_directory: Path | None, *, disabled: bool) -> None:
    from lensmith.store.records import users

    with _changing(name, data_directory) as (connection, user):
        users.set_disabled(connection, user.arn, disabled)


def _show_key(key: AccessKey) -> None:
    typer.echo(f"User:              {key.caller.arn}")
    typer.echo(f"Access key id:     {key.access_key_id}")
    typer.echo(f"Secret access key: {key.secret_access_key}")


@contextmanager
def _changing(name: str, data_directory: Path | None) -> Iterator[tuple[Connection, User]]:
    """Yield a transaction and the user; raises LensmithError when there is no such user."""
    from lensmith.domain.errors import LensmithError
    from lensmith.store.records import users

    settings = read_settings(data_directory)
    with local_records(settings, writes=True) as connection:
        user = users.find_user(connection, f"arn:aws:iam::{settings.account_id}:user/{name}")
        if user is None:
            raise LensmithError(f"There is no user {name}; see `lensmith user list`.")
        yield connection, user


def _create(
    settings: Settings, name: str, policy: dict[str, Any], given: tuple[str, str] | None
) -> AccessKey:
    import re

    from sqlalchemy.exc import IntegrityError

    from lensmith.domain.errors import LensmithError
    from lensmith.store.records import accounts

    if not re.fullmatch(r"[\w+=,.@-]{1,64}", name, re.ASCII):
        raise LensmithError(f"{name!r} is no user name: 1 to 64 letters, digits and +=,.@_-")
    try:
        with local_records(settings, writes=True) as connection:
            accounts.create_account(connection, settings.account_id)
            arn = accounts.create_user(connection, settings.account_id, name, [policy])
            return accounts.create_access_key(connection, arn, given=given)
    except IntegrityError as error:
        taken = f"a user {name}" if given is None else f"a user {name} or a key {given[0]}"
        raise LensmithError(f"There is {taken} already.") from error


def _read_key(path: Path) -> tuple[str, str]:
    """Read the last line of a file; raises LensmithError, which does not show it."""
    import re

    from lensmith.domain.errors import LensmithError

    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LensmithError(f"{path} cannot be read: {error}") from error
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    found = re.fullmatch(r"(\w{16,128}),([!-~]{16,128})", last, re.ASCII)
    if found is None:
        raise LensmithError(
            f"{path} holds no key: its last line must be the id (16 to 128 letters, digits and _), "
            "a comma, and the secret (16 to 128 characters)."
        )
    return found[1], found[2]


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
