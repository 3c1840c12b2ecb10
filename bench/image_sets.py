"""Sets of labelled pictures: a folder with images/ and manifests, by its name in LENSMITH_DATA."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lensmith.manifest.line.entry import Entry
from lensmith.manifest.line.validate import check_line


def folder_of(name: str) -> Path:
    """Of a set by its name, or by a path."""
    return Path(os.environ.get("LENSMITH_DATA", ".")).resolve() / name


def is_set(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("images", "train.manifest", "test.manifest"))


def missing_sets(folders: Iterable[Path]) -> str:
    """Names of the folders that are no sets, between commas; empty when all are."""
    return ", ".join(dict.fromkeys(folder.name for folder in folders if not is_set(folder)))


def read_entries(manifest: Path) -> list[tuple[Path, Entry]]:
    """Every valid line with the local picture of `s3://BUCKET/<set>/images/<file>`."""
    lines = manifest.read_bytes().splitlines()
    entries = [entry for line in lines if (entry := check_line(line).entry) is not None]
    images = manifest.parent / "images"
    return [(images / entry.source_ref.rpartition("/images/")[2], entry) for entry in entries]
