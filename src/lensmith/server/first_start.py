"""Prepares the records of a data directory: schema, account, first user, keys."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lensmith.config import Settings
from lensmith.domain.errors import NewerRecordsError, RecordsUnavailableError, StartupError
from lensmith.store.records import accounts, leases
from lensmith.store.records.engine import Purpose, Records
from lensmith.store.records.pooling import shares_sessions
from lensmith.store.records.schema import migrate

ADMIN = "admin"
_ROOT_KEY_CHECK = "root key"
_POOLED = (
    "LENSMITH_RECORDS_URL leads to a pooler that gives each transaction another session, as "
    "PgBouncer does with pool_mode = transaction; locks of a session need one that stays. Name "
    "PostgreSQL itself, or a pooler with pool_mode = session."
)
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def open_records(settings: Settings, predecessor: str = "") -> Records:
    """Open the records at the newest schema; creates account and admin on first start.

    `predecessor` is the owner of jobs that had the data directory before, and so has ended: its
    leases end at once, and do not count against its jobs. In SQLite that holds of every owner.
    Raises StartupError if the records cannot be read or written, are those of a newer Lensmith, or
    are behind a pooler that gives each transaction another session.
    """
    records = Records.of(settings)
    try:
        if records.is_shared and shares_sessions(records.engine):
            raise StartupError(_POOLED)
        migrate(records)
        with records.write_alone(Purpose.FIRST_START) as connection:
            accounts.secret(connection, _ROOT_KEY_CHECK)  # fails at once under another root key
            _ensure_admin(connection, settings.account_id)
            if predecessor or not records.is_shared:
                leases.expire(connection, predecessor if records.is_shared else None)
    except (DBAPIError, RecordsUnavailableError, OSError) as error:
        raise StartupError(_unusable(settings, error)) from error
    except NewerRecordsError as error:
        raise StartupError(
            f"{_place(settings)} were written by a newer Lensmith ({error}). Start that version, "
            "or restore a backup made before it with `lensmith restore`."
        ) from error
    return records


def _unusable(settings: Settings, error: DBAPIError | RecordsUnavailableError | OSError) -> str:
    reason = error.orig if isinstance(error, DBAPIError) else error
    return (
        f"{_place(settings)} cannot be used. {str(reason).rstrip('.')}. Free space on the disk, or "
        "restore a backup with `lensmith restore`."
    )


def _place(settings: Settings) -> str:
    if settings.records_url:
        return "The records at LENSMITH_RECORDS_URL"
    return f"The records in {settings.data_directory / 'records.db'}"


def _ensure_admin(connection: Connection, account_id: str) -> None:
    arn = f"arn:aws:iam::{account_id}:user/{ADMIN}"
    if accounts.permanent_key(connection, arn) is not None:
        return
    accounts.create_account(connection, account_id)
    accounts.create_user(connection, account_id, ADMIN, [ALLOW_ALL])
    accounts.create_access_key(connection, arn)
