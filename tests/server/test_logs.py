"""What reaches standard error, from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import logging
from pathlib import Path
import structlog
from lensmith.server.logs import configure_logs

configure_logs()
own, library = structlog.get_logger("lensmith.api"), logging.getLogger("lensmith.serving")
structlog.contextvars.bind_contextvars(request_id="r-1")
own.info("call", status=200, error=None, path=Path("a"))
own.debug("too small")
library.info("unit %d", 7)
logging.getLogger("urllib3").info("of no interest")
secret = "s3cr3t"
try:
    raise ValueError("broken \\udc80")
except ValueError:
    own.exception("failed")
    library.exception("failed")
"""


def lines() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True)
    assert done.stdout == b""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_both_kinds_of_records_take_the_same_form() -> None:
    call, unit, *failed = lines()
    assert call.pop("timestamp").endswith("Z")
    assert call == {
        "event": "call",
        "level": "info",
        "logger": "lensmith.api",
        "request_id": "r-1",
        "status": 200,
        "error": None,
        "path": "PosixPath('a')",
    }
    assert (unit["event"], unit["logger"], unit["level"]) == ("unit 7", "lensmith.serving", "info")
    assert [each["logger"] for each in failed] == ["lensmith.api", "lensmith.serving"]
    for each in failed:
        assert each["level"] == "error"
        assert each["exception"].endswith("ValueError: broken \udc80")
        assert "s3cr3t" not in json.dumps(each)
        assert set(each) == {"event", "exception", "level", "logger", "request_id", "timestamp"}
