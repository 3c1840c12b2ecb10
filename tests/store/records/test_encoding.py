from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.postgresql import database

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.server.first_start import open_records


def test_a_database_that_cannot_hold_every_name_is_refused(postgresql: str, tmp_path: Path) -> None:
    with database(postgresql, options="ENCODING SQL_ASCII LOCALE 'C'") as url:
        name = re.search(r"/(records_\w+)\?", url)
        assert name is not None
        said = rf"{name[1]} .* encoding SQL_ASCII; .* `createdb --encoding UTF8 "
        with pytest.raises(StartupError, match=said):
            open_records(Settings(tmp_path, records_url=url))
