from __future__ import annotations

from sqlalchemy import StaticPool, create_engine

from lensmith.store.records.engine import Records
from lensmith.store.records.pooling import shares_sessions


def test_connections_have_sessions_of_their_own(postgresql_database: str) -> None:
    records = Records.open(postgresql_database)
    try:
        assert not shares_sessions(records.engine)
    finally:
        records.close()


def test_connections_that_take_turns_on_one_session_are_noticed(postgresql_database: str) -> None:
    engine = create_engine(postgresql_database, poolclass=StaticPool)  # as a pooler does
    try:
        assert shares_sessions(engine)
    finally:
        engine.dispose()
