"""Steps of a tutorial on a page, and a terminal that their commands are pasted into."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


def commands(page: Page, step: str) -> list[str]:
    shown = page.get_by_test_id(f"step-{step}").get_by_test_id("command")
    expect(shown.first).to_be_visible()
    return shown.all_inner_texts()


def ticked(page: Page, step: str) -> Locator:
    return page.locator(f"[data-testid=step-{step}][data-done]")


def terminal(lensmith_env: dict[str, str], folder: Path) -> Callable[[str], str]:
    """A shell with nothing of AWS in its environment, in a folder of its own."""
    kept = {name: value for name, value in lensmith_env.items() if not name.startswith("AWS_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**kept, "PATH": path, "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}

    def paste(text: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            env=env,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return paste
