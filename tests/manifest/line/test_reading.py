from __future__ import annotations

import pytest

from lensmith.manifest.line.finding import ManifestFileError
from lensmith.manifest.line.reading import parse, read_lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\n\n", [b"a", b""]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\n\r\n\nb", [b"a", b"", b"", b"b"]),
        (b"\xef\xbb\xbfa\n\xef\xbb\xbfb", [b"a", b"\xef\xbb\xbfb"]),
        ("ключ\nä".encode(), ["ключ".encode(), "ä".encode()]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_lines_come_the_same_however_the_manifest_is_cut(
    data: bytes, lines: list[bytes], size: int
) -> None:
    chunks = [data[start : start + size] for start in range(0, len(data), size)]

    assert list(read_lines(chunks)) == lines


def test_of_an_endless_line_only_a_bounded_beginning_is_kept() -> None:
    megabyte = b"x" * (1 << 20)

    first, second = read_lines([*[megabyte] * 8, b"\nshort"])

    assert len(first) < 500_000
    assert parse(first) is None
    assert second == b"short"


def test_a_cut_line_is_not_blamed_for_half_a_character() -> None:
    (line,) = read_lines(["ä".encode() * 300_000])

    assert parse(line) is None


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b'{"a":1}\n{"a":"\xe4"}\n'])
def test_what_is_not_utf8_is_no_manifest(data: bytes) -> None:
    with pytest.raises(ManifestFileError, match="file extension or contents are invalid"):
        list(read_lines([data]))


def test_the_length_limit_counts_characters() -> None:
    assert parse(b'{"a":"' + "ä".encode() * 99_992 + b'"}') is not None
    assert parse(b'{"a":"' + "ä".encode() * 99_993 + b'"}') is None


@pytest.mark.parametrize(("depth", "is_sane"), [(10, True), (60, True), (65, False), (700, False)])
def test_deep_nesting_is_no_valid_line(depth: int, is_sane: bool) -> None:
    line = b'{"a":' + b"[" * depth + b"]" * depth + b"}"

    assert (parse(line) is not None) is is_sane


def test_of_repeated_keys_the_last_counts() -> None:
    assert parse(b'{"a":1,"a":2}') == {"a": 2}


def test_huge_integers_survive() -> None:
    assert parse(b'{"a":1' + b"0" * 400 + b"}") == {"a": 10**400}
