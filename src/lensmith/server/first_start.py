"""Prepares the records of a data directory: schema, account, first user, keys."""

from __future__ import annotations

from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.store.records import accounts, jobs
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

ADMIN = "admin"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def open_records(settings: Settings) -> Records:
    """Open the records at the newest schema; creates account and admin on first start.

    What an earlier server left running does not count against its jobs.
    """
    records = Records.open(settings.records_location)
    migrate(records)
    with records.write() as connection:
        jobs.forgive_running(connection)
        _ensure_admin(connection, settings.account_id)
    return records


def _ensure_admin(connection: Connection, account_id: str) -> None:
    arn = f"arn:aws:iam::{account_id}:user/{ADMIN}"
    if accounts.permanent_key(connection, arn) is not None:
        return
    accounts.create_account(connection, account_id)
    accounts.create_user(connection, account_id, ADMIN, [ALLOW_ALL])
    accounts.create_access_key(connection, arn)
