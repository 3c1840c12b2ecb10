"""Questions before what cannot be undone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lensmith.domain.errors import LensmithError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask")]


def confirm(question: str, yes: bool) -> None:
    """Ask on a terminal unless `yes`.

    Raises LensmithError where there is no terminal to ask on, typer.Abort at a no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise LensmithError(f"{question} Say so by --yes; there is no terminal to ask on.")
    typer.confirm(question, abort=True)
