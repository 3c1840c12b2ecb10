"""A home of the tests' own: nothing of the user's AWS or Lensmith settings is read or written.

`tests/conftest.py` enters it before anything else is imported, so child processes inherit it. An
audit hook refuses to open the user's files, and to start a child whose environment names no home.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_USERS_HOME = "TESTS_USERS_HOME"  # HOME as pytest found it; the workers of xdist inherit it
_FOREIGN = ("AWS_", "BOTO_", "HF_", "LENSMITH_", "TORCH_", "XDG_")
_SETTINGS = (".aws", ".boto", ".config", ".lensmith", ".cache/huggingface", ".cache/torch")
_PATH_EVENTS = frozenset(
    ("open", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.scandir")
)
_EVENTS = _PATH_EVENTS | {"subprocess.Popen"}
# `ctypes.util.find_library` starts these with an environment of two variables.
_LOCATORS = frozenset(("cc", "gcc", "ld", "ldconfig", "objdump"))
_REPOSITORY = Path(__file__).parents[2]


class UsersHomeError(AssertionError):
    """A test reached for the user's own files or settings."""


class OwnHome:
    """Makes home folders for the tests of one process and guards the user's."""

    def __init__(self) -> None:
        self.users = Path(os.environ.setdefault(_USERS_HOME, os.environ.get("HOME", "/")))
        self.violations: list[str] = []
        self._numbers = itertools.count()
        self._root = Path(tempfile.mkdtemp(prefix="lensmith-tests-home-"))
        # What `make quickstart` leaves in the checkout is the user's, too.
        guarded = [*(self.users / name for name in _SETTINGS), _REPOSITORY / "lensmith-data"]
        self._guarded = frozenset(str(path) for path in guarded)
        self._below = tuple(f"{path}{os.sep}" for path in self._guarded)
        self._aws_files = self._stamps()
        self._has_ended = False

    @classmethod
    def enter(cls) -> OwnHome:
        """Replace the home in this process's environment, and guard the user's from now on."""
        own = cls()
        atexit.register(own._remove, os.getpid())
        for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
            del os.environ[name]
        os.environ.update(own._variables("process"))
        sys.addaudithook(own._audit)
        return own

    @contextmanager
    def of_a_test(self) -> Iterator[Mapping[str, str]]:
        """Yield the variables of an empty home.

        Raises UsersHomeError at the end when the test reached for the user's.
        """
        variables = self._variables(f"test-{next(self._numbers)}")
        yield variables
        shutil.rmtree(variables["HOME"], ignore_errors=True)
        if self.violations:
            found, self.violations = self.violations, []
            raise UsersHomeError("; ".join(found))

    def check_unchanged(self) -> None:
        """Raise UsersHomeError when any process changed the user's AWS files meanwhile."""
        if (now := self._stamps()) != self._aws_files:
            raise UsersHomeError(f"Files in {self.users} changed: {self._aws_files} -> {now}")

    def _variables(self, name: str) -> dict[str, str]:
        home = self._root / name
        home.mkdir()
        return {
            "HOME": str(home),
            "LENSMITH_HOME": str(home / "lensmith-data"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _stamps(self) -> dict[str, int]:
        files = [self.users / ".aws" / name for name in ("config", "credentials")]
        return {str(file): file.stat().st_mtime_ns for file in files if file.exists()}

    def _remove(self, process_id: int) -> None:
        if os.getpid() == process_id:
            shutil.rmtree(self._root, ignore_errors=True)
        self._has_ended = True

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._has_ended:  # this module loses its names before Python's last steps
            return
        if event not in _EVENTS:  # most are not: Python tells of every import and every frame
            return
        if event in _PATH_EVENTS:
            if isinstance(path := arguments[0], str | bytes | os.PathLike):
                self._judge_path(event, os.fsdecode(path))
        else:
            self._judge_child(arguments[1], arguments[3])

    def _judge_path(self, event: str, path: str) -> None:
        if path in self._guarded or path.startswith(self._below):
            self._refuse(f"{event} {path}: a test reached for the user's own files")

    def _judge_child(self, command: object, environment: Mapping[Any, Any] | None) -> None:
        given: Mapping[Any, Any] = os.environ if environment is None else environment
        home = given.get("HOME") or given.get(b"HOME")
        if home is None and _is_locator(command):
            return
        if home is None or Path(os.fsdecode(home)) == self.users:
            self._refuse(f"{command}: a child process needs the test's HOME, not {home!r}")

    def _refuse(self, violation: str) -> None:
        self.violations.append(violation)
        raise UsersHomeError(violation)


def _is_locator(command: object) -> bool:
    program = command[0] if isinstance(command, list | tuple) and command else command
    return isinstance(program, str | bytes) and Path(os.fsdecode(program)).name in _LOCATORS
