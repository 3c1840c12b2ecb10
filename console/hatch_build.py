"""Build the console when a wheel is made; an editable install leaves it to `make console`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))
import build_console as console


class ConsoleBuildHook(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        """Ask for a Node of its own where the machine has none."""
        is_needed = self.target_name == "wheel" and not console.is_current()
        return [console.NODE_PACKAGE] if is_needed and not console.has_node() else []

    def initialize(self, version: str, _: dict[str, Any]) -> None:
        if version != "editable" and not console.is_current():
            console.build()
