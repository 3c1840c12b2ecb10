"""Lensmith: a self-hosted, wire-compatible Amazon Rekognition Custom Labels."""

from __future__ import annotations

import atexit
import builtins
import gc
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

# Lensmith is many processes, most of them short. What they import is never garbage, and looking for
# garbage in it, while it is imported and when a process ends, took two fifths of a start's time.
gc.set_threshold(10_000)
atexit.register(gc.freeze)


class _StructlogFinder:
    """Finds the modules of structlog that load Rich, and lets them load as where it is missing.

    No log here is rendered by it, and it would take an eighth of a short process's time.
    """

    _NAMES = frozenset({"structlog.dev", "structlog.tracebacks"})

    def find_spec(self, name: str, path: Sequence[str] | None, *_: object) -> ModuleSpec | None:
        if name not in self._NAMES:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_without_rich(module: ModuleType) -> None:
            # Only its own statements import so: Rich stays where it is for all others.
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import_all_but_rich}
            load(module)

        spec.loader.exec_module = load_without_rich  # type: ignore[method-assign]
        return spec


def _import_all_but_rich(name: str, *given: Any) -> ModuleType:
    if name.partition(".")[0] == "rich":
        raise ImportError(name=name)
    return builtins.__import__(name, *given)


sys.meta_path.insert(0, _StructlogFinder())
