"""Reads the names in a zip as their author saw them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable

_UTF_8 = 0x800  # flag of names that the standard calls UTF-8; all others it calls code page 437
_JAPANESE = re.compile(r"[\x00-\x7f\u3005-\u30ff\u3400-\u9fff\uff01-\uff9f]*")
_TWO_HIGH_BYTES = re.compile(rb"[\x80-\xff]{2}")


def member_names(members: Iterable[zipfile.ZipInfo]) -> dict[zipfile.ZipInfo, str]:
    """Return the path of each member, with `/` between its parts.

    Macs write UTF-8 and Japanese Windows code page 932 without saying so; .NET wrote backslashes.
    """
    members = list(members)
    encoding = _encoding([_raw(member) for member in members if _is_unknown(member)])
    names: dict[zipfile.ZipInfo, str] = {}
    for member in members:
        name = member.filename
        if _is_unknown(member):
            name = _raw(member).decode(encoding)
        names[member] = name if "/" in name else name.replace("\\", "/")
    return names


def _is_unknown(member: zipfile.ZipInfo) -> bool:
    is_changed = member.filename != member.orig_filename  # by what the member says elsewhere
    return not (member.flag_bits & _UTF_8 or is_changed or member.filename.isascii())


def _raw(member: zipfile.ZipInfo) -> bytes:
    return member.filename.encode("cp437")  # as which zipfile decoded it, byte by byte


def _encoding(names: list[bytes]) -> str:
    """Return the one encoding of these names, which do not say theirs."""
    if _decoded(names, "utf-8") is not None:
        return "utf-8"
    japanese = _decoded(names, "cp932") or [""]
    # In words of Europe a letter of ASCII follows most others, and both make one character here.
    is_japanese = all(map(_JAPANESE.fullmatch, japanese)) and any(
        map(_TWO_HIGH_BYTES.search, names)
    )
    return "cp932" if any(japanese) and is_japanese else "cp437"


def _decoded(names: list[bytes], encoding: str) -> list[str] | None:
    try:
        return [name.decode(encoding) for name in names]
    except UnicodeDecodeError:
        return None
