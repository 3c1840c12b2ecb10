"""Lensmith: a self-hosted, wire-compatible Amazon Rekognition Custom Labels."""

from __future__ import annotations

import atexit
import gc
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__version__ = "0.1.0"

# Lensmith is many processes, most of them short. What they import is never garbage, and looking for
# garbage in it, while it is imported and when a process ends, took two fifths of a start's time.
gc.set_threshold(10_000)
atexit.register(gc.freeze)


class _StructlogFinder:
    """Finds structlog, and lets it load as where Rich is not installed.

    It would load Rich for a renderer that no log here uses: an eighth of a short process's time.
    """

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name != "structlog" or "rich" in sys.modules:
            return None
        spec = PathFinder.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_without_rich(module: ModuleType) -> None:
            sys.modules["rich"] = None  # type: ignore[assignment] # how Python hides a module
            try:
                load(module)
            finally:
                del sys.modules["rich"]

        spec.loader.exec_module = load_without_rich  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _StructlogFinder())
