"""`python -m lensmith.cli`: the same as the `lensmith` program."""

from __future__ import annotations

from lensmith.cli import main

main()
