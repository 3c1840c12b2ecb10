"""How commands name one version: PROJECT VERSION."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

ProjectArgument = Annotated[
    str, typer.Argument(metavar="PROJECT", help="Name of the project", show_default=False)
]
VersionArgument = Annotated[
    str, typer.Argument(metavar="VERSION", help="Name of the version", show_default=False)
]


def version_path(project: str, version: str) -> str:
    """Build the path under /_lensmith/ of one version's own routes."""
    return f"/_lensmith/projects/{quote(project, safe='')}/versions/{quote(version, safe='')}"
