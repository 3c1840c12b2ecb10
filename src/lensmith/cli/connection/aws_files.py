"""Writing one profile into the AWS configuration files without touching the others.

The files are INI with one level of indented settings. Only whole settings of the sections that
carry the profile are replaced; every other line, comments included, stays as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from lensmith.store.files import write_atomically

SectionSettings: TypeAlias = Mapping[str, str | Mapping[str, str] | None]  # None removes one

_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\]]*?)\s*\]")
_SETTING = re.compile(r"(?P<name>[^\s#;=:][^=:]*?)\s*[=:]")


def config_path() -> Path:
    return _path("AWS_CONFIG_FILE", "config")


def credentials_path() -> Path:
    return _path("AWS_SHARED_CREDENTIALS_FILE", "credentials")


def write_sections(path: Path, sections: Mapping[str, SectionSettings]) -> None:
    """Set settings in sections of a file, which appears whole and is its owner's only."""
    target = path.resolve()  # a link, say into a dotfiles repository, stays a link
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = target.read_text("utf-8") if target.exists() else ""
    for name, settings in sections.items():
        text = with_section(text, name, settings)
    write_atomically(target, text.encode(), mode=0o600)


def with_section(text: str, name: str, settings: SectionSettings) -> str:
    """Return the file's text with these settings in that section, which is added when missing."""
    lines = text.splitlines()
    begin = next((number for number, line in enumerate(lines) if _header(line) == name), None)
    if begin is None:
        gap = [""] if lines and lines[-1].strip() else []
        return _text([*lines, *gap, f"[{name}]", *_rendered(settings)])
    end = next(
        (number for number in range(begin + 1, len(lines)) if _header(lines[number]) is not None),
        len(lines),
    )
    kept = _without(lines[begin + 1 : end], set(settings))
    return _text([*lines[: begin + 1], *_rendered(settings), *kept, *lines[end:]])


def _path(variable: str, name: str) -> Path:
    return Path(os.environ.get(variable) or Path("~/.aws") / name).expanduser()


def _header(line: str) -> str | None:
    match = _HEADER.match(line)
    return match["name"].replace('"', "").replace("'", "") if match else None


def _without(lines: Iterable[str], names: set[str]) -> list[str]:
    """Return a section's lines less those settings and what is indented below them."""
    kept = []
    dropping = False
    for line in lines:
        setting = _SETTING.match(line)
        if setting:
            dropping = setting["name"] in names
        elif not line[:1].isspace():  # a blank line or a comment of its own
            dropping = False
        if not dropping:
            kept.append(line)
    return kept


def _rendered(settings: SectionSettings) -> list[str]:
    lines = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            lines += [f"{name} =", *(f"    {inner} = {text}" for inner, text in value.items())]
        elif value is not None:
            lines.append(f"{name} = {value}")
    return lines


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
