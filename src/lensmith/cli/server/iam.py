"""`lensmith iam`: accounts, access keys and sessions, also while no server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lensmith.cli.connection.local_records import local_records
from lensmith.cli.connection.settings import DataDirectory, read_settings
from lensmith.cli.terminal.confirm import Yes, confirm

app = typer.Typer(
    help="Accounts, keys and sessions; all else of IAM by `aws iam`.", no_args_is_help=True
)

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="Access key id")]


@app.command("list-accounts")
def list_accounts(data_directory: DataDirectory = None) -> None:
    """List the accounts."""
    from lensmith.store.records import accounts

    with local_records(read_settings(data_directory)) as connection:
        for account_id in accounts.account_ids(connection):
            typer.echo(account_id)


@app.command("create-account")
def create_account(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT_ID", help="12 digits")],
    data_directory: DataDirectory = None,
) -> None:
    """Create an account with an administrator and print the key of this user."""
    import re

    from lensmith.domain.errors import LensmithError
    from lensmith.server.first_start import ADMIN, ALLOW_ALL
    from lensmith.store.records import accounts

    if not re.fullmatch(r"\d{12}", account_id, re.ASCII):
        raise LensmithError(f"{account_id!r} is no account id: 12 digits.")
    with local_records(read_settings(data_directory), writes=True) as connection:
        if account_id in accounts.account_ids(connection):
            raise LensmithError(f"There is an account {account_id} already.")
        accounts.create_account(connection, account_id)
        arn = accounts.create_user(connection, account_id, ADMIN, [ALLOW_ALL])
        key = accounts.create_access_key(connection, arn)
    typer.echo(f"User:              {key.caller.arn}")
    typer.echo(f"Access key id:     {key.access_key_id}")
    typer.echo(f"Secret access key: {key.secret_access_key}")


@app.command("list-keys")
def list_keys(data_directory: DataDirectory = None) -> None:
    """List the keys of every account, those of sessions too, without secrets."""
    from rich.console import Console

    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.store.records import accounts

    with local_records(read_settings(data_directory)) as connection:
        keys = accounts.list_access_keys(connection)
    table = plain_table()
    for name in ("access key id", "state"):
        table.add_column(name)
    table.add_column("principal", overflow="fold")
    for key in keys:
        state = "active" if key.is_active else "inactive"
        table.add_row(key.access_key_id, state, key.caller.arn)
    Console().print(table)


@app.command("disable-key")
def disable_key(key_id: KeyId, data_directory: DataDirectory = None) -> None:
    """Refuse a key from the next call on."""
    _set_active(key_id, data_directory, active=False)
    typer.echo(f"{key_id} is refused; `lensmith iam enable-key {key_id}` undoes it.")


@app.command("enable-key")
def enable_key(key_id: KeyId, data_directory: DataDirectory = None) -> None:
    """Accept a disabled key again."""
    _set_active(key_id, data_directory, active=True)
    typer.echo(f"{key_id} is accepted.")


@app.command("delete-key")
def delete_key(key_id: KeyId, yes: Yes = False, data_directory: DataDirectory = None) -> None:
    """Delete a key, and end the sessions of browsers that began with it."""
    from lensmith.store.records import accounts

    confirm(f"Delete the key {key_id}?", yes)
    with local_records(read_settings(data_directory), writes=True) as connection:
        if not accounts.delete_access_key(connection, key_id):
            raise _unknown(key_id)
    typer.echo(f"Deleted {key_id}.")


@app.command("revoke-sessions")
def revoke_sessions(
    arn: Annotated[str, typer.Argument(metavar="ARN", help="Of a role or user")],
    data_directory: DataDirectory = None,
) -> None:
    """Delete the temporary credentials of a role or user; they end with the next call."""
    from lensmith.domain.errors import LensmithError
    from lensmith.store.records import accounts, principals

    with local_records(read_settings(data_directory), writes=True) as connection:
        if principals.find_by_arn(connection, arn) is None:
            raise LensmithError(f"There is no role or user {arn}.")
        count = accounts.delete_sessions(connection, arn)
    typer.echo(f"Ended {count} session{'' if count == 1 else 's'} of {arn}.")


def _set_active(key_id: str, data_directory: Path | None, *, active: bool) -> None:
    from lensmith.store.records import accounts

    with local_records(read_settings(data_directory), writes=True) as connection:
        if not accounts.set_active(connection, key_id, active=active):
            raise _unknown(key_id)


def _unknown(key_id: str) -> Exception:
    from lensmith.domain.errors import LensmithError

    return LensmithError(f"There is no key {key_id}; see `lensmith iam list-keys`.")
