"""No secret can be read from a copy of the records."""

from __future__ import annotations

import json
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.store.records import accounts, schema
from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate

ACCOUNT = "111122223333"
ALLOW = {"Statement": {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}}
SECRET, TOKEN, PAGES = "0123456789" * 4, "plain/session/token", b"pagination-secret" * 2


def files(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.glob("records.db*"))


def test_secrets_are_sealed_when_they_are_made(tmp_path: Path) -> None:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    migrate(records)
    with records.write() as connection:
        accounts.create_account(connection, ACCOUNT)
        arn = accounts.create_user(connection, ACCOUNT, "ada", [ALLOW])
        key = accounts.create_access_key(connection, arn, TOKEN)
        pages = accounts.secret(connection, "pagination")
    records.close()
    kept = files(tmp_path)
    assert key.access_key_id.encode() in kept
    assert not any(each in kept for each in (key.secret_access_key.encode(), TOKEN.encode(), pages))


def test_secrets_of_earlier_records_are_sealed_and_their_users_keep_working(
    tmp_path: Path,
) -> None:
    records = Records.open(f"sqlite:///{tmp_path / 'records.db'}")
    records.create_file()
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS.parent))
    with records.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
        arn = f"arn:aws:iam::{ACCOUNT}:user/labels/ada"
        for statement, values in (
            ("INSERT INTO accounts VALUES (:a, 1)", {"a": ACCOUNT}),
            (
                "INSERT INTO principals VALUES (:arn, :a, :policies, 1, NULL)",
                {"arn": arn, "a": ACCOUNT, "policies": json.dumps([ALLOW])},
            ),
            (
                "INSERT INTO access_keys VALUES ('AKIAOLD', :secret, :arn, :token, NULL, 1)",
                {"secret": SECRET, "arn": arn, "token": TOKEN},
            ),
            ("INSERT INTO secrets VALUES ('pagination', :value)", {"value": PAGES}),
        ):
            connection.execute(text(statement), values)
    migrate(records)
    with records.read() as connection:
        key = accounts.find_access_key(connection, "AKIAOLD")
        assert accounts.secret(connection, "pagination") == PAGES
    assert key is not None
    assert (key.secret_access_key, key.session_token) == (SECRET, TOKEN)
    assert (key.principal.name, key.principal.path) == ("ada", "/labels/")
    assert decide(key.rights, AccessRequest("rekognition:DescribeProjects", "*", {})).allowed
    records.close()
    assert not any(each in files(tmp_path) for each in (SECRET.encode(), TOKEN.encode(), PAGES))
