from __future__ import annotations

import subprocess
import sys


def test_structlog_loads_no_rich_which_stays_there_for_others() -> None:
    code = """
import sys, lensmith, structlog
assert not [name for name in sys.modules if name.partition(".")[0] in ("rich", "pygments")]
assert structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
from rich.console import Console
Console()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_structlog_loads_where_rich_is_in_use() -> None:
    code = """
import sys, lensmith, rich
seen = []

def look(frame, event, argument):  # while structlog's module for terminals loads
    if frame.f_globals.get("__name__") == "structlog.dev":
        seen.append(sys.modules["rich"])
    return look

sys.settrace(look)
import structlog
sys.settrace(None)
assert seen and set(map(id, seen)) == {id(rich)}
assert structlog.dev.default_exception_formatter is structlog.dev.plain_traceback
"""
    subprocess.run([sys.executable, "-c", code], check=True)
