"""Records with the newest schema and no rows, made once a process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from lensmith.store.records.engine import Records
from lensmith.store.records.schema import migrate


@cache
def empty_records() -> Path:
    """A database file, records.db, to copy from; it is removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="lensmith-records-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    records = Records.open(f"sqlite:///{folder}/records.db")
    migrate(records)
    records.close()
    return Path(folder, "records.db")
