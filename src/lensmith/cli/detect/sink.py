"""Output of results: to a file, a pipe, or the terminal above the bar."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console

from lensmith.cli.detect.failure import DetectError

Write = Callable[[str], None]


@contextmanager
def sink(output: Path | None, console: Console) -> Iterator[Write]:
    """Yield a function that writes whole lines at once: an interrupted run leaves no half line.

    Raises DetectError if the file cannot be opened.
    """
    if output is not None:
        with _opened(output) as file:
            yield _flushing(file)
    elif sys.stdout.isatty():
        yield lambda text: console.print(
            text, end="", markup=False, highlight=False, soft_wrap=True
        )
    else:
        yield _flushing(sys.stdout.buffer)


def _opened(output: Path) -> IO[bytes]:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        return output.open("wb")
    except OSError as error:
        raise DetectError(f"{output} cannot be written: {error.strerror}.") from error


def _flushing(file: IO[bytes]) -> Write:
    def write(text: str) -> None:
        file.write(text.encode())
        file.flush()

    return write
