from __future__ import annotations

import sys

import pytest

from lensmith.domain.errors import StartupError
from lensmith.store.records.engine import Records


def test_postgresql_without_its_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # as if it were not installed
    with pytest.raises(StartupError, match=r"psycopg.*pip install 'lensmith\[postgresql\]'"):
        Records.open("postgresql+psycopg://host/records")
