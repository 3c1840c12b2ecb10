"""One object store and one set of records for all tests of the training job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.live_server import free_port
from tests.training.job.training_bench import TrainingBench

from lensmith.config import Settings
from lensmith.domain.caller import Caller
from lensmith.domain.precision import Precision
from lensmith.server.first_start import ALLOW_ALL, open_records
from lensmith.store.objects import ObjectStores
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records
from lensmith.store.seaweed.child import Seaweed
from lensmith.store.seaweed.kept import KeptSeaweed


@pytest.fixture(scope="session")
def training_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingBench]:
    settings = Settings(
        data_directory=tmp_path_factory.mktemp("trainings"),
        s3_port=free_port(),
        training_threads=2,
        precision=Precision.FLOAT32,  # test_variants.py asks for others
    )
    settings.run_directory.mkdir()
    records = open_records(settings)
    limited = _user(records, settings.account_id, "limited", _LIMITED)
    stranger = _user(records, "444455556666", "stranger", ALLOW_ALL)
    objects = ObjectStores(settings, records)
    seaweed = KeptSeaweed(Seaweed(settings, records))
    seaweed.start()
    seaweed.wait_until_ready()
    with records.read() as connection:
        admin = accounts.list_access_keys(connection)[0].caller
    yield TrainingBench(settings, records, objects, admin, limited, stranger)
    seaweed.stop()
    records.close()


_LIMITED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::denied-*", "arn:aws:s3:::denied-*/*"],
        },
    ],
}


def _user(records: Records, account_id: str, name: str, policy: dict[str, Any]) -> Caller:
    with records.write() as connection:
        accounts.create_account(connection, account_id)
        arn = accounts.create_user(connection, account_id, name, [policy])
        return accounts.create_access_key(connection, arn).caller
