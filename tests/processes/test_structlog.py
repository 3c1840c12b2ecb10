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
