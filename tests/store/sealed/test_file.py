"""Sealed files: every length, every place, every alteration; and the decryptor of the docs."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from lensmith.domain.errors import SealedFileError
from lensmith.store.sealed.file import SealedFile
from lensmith.store.sealed.frames import FRAME_BYTES, HEADER_BYTES, TAG_BYTES

KEY = bytes(range(32))
DOCS = Path(__file__).parents[3] / "docs" / "keys.md"
LENGTHS = (0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES)


def sealed(path: Path, data: bytes, key: bytes = KEY) -> SealedFile:
    file = SealedFile(path / "file", key)
    file.write_bytes(data)
    return file


def decryptor() -> Any:
    """The function `decrypt` that docs/keys.md shows."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code.partition("if __name__")[0], names)
    return names["decrypt"]


@pytest.mark.parametrize("length", LENGTHS)
def test_it_reads_as_written_and_as_the_docs_decrypt(tmp_path: Path, length: int) -> None:
    data = random.Random(length).randbytes(length)
    file = sealed(tmp_path, data)
    assert file.read_bytes() == data
    assert data[:16] not in file.path.read_bytes() or length < 16
    assert decryptor()(file.path.read_bytes(), KEY) == data


def test_it_is_read_from_any_place(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(2 * FRAME_BYTES + 77)
    chosen = random.Random(2)
    with sealed(tmp_path, data).open("rb") as file:
        for _ in range(200):
            start, length = chosen.randrange(len(data) + 9), chosen.randrange(5000)
            file.seek(start)
            assert file.read(length) == data[start : start + length]
        file.seek(0, 2)
        assert (file.tell(), file.read()) == (len(data), b"")


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "lines", KEY)
    lines = [f"line {number}\n".encode() for number in range(200_000)]
    with file.open("wb") as target:
        target.writelines(lines)
    with file.open("rb") as source:
        assert list(source) == lines


@pytest.mark.parametrize(
    "place", [0, 7, 12, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + FRAME_BYTES + 20, -1]
)
def test_an_altered_byte_is_found(tmp_path: Path, place: int) -> None:
    file = sealed(tmp_path, bytes(FRAME_BYTES + 100))
    content = bytearray(file.path.read_bytes())
    content[place] ^= 1
    file.path.write_bytes(content)
    with pytest.raises(SealedFileError):
        file.read_bytes()


def test_frames_cannot_be_cut_off_or_swapped(tmp_path: Path) -> None:
    file = sealed(tmp_path, random.Random(3).randbytes(3 * FRAME_BYTES))
    whole = file.path.read_bytes()
    frame = FRAME_BYTES + TAG_BYTES
    first, second = whole[HEADER_BYTES:][:frame], whole[HEADER_BYTES + frame :][:frame]
    for altered in (
        whole[: HEADER_BYTES + 2 * frame],  # without the last
        whole[:-1],
        whole[: HEADER_BYTES + 3],
        whole[:3],
        whole + b"x",
        whole[:HEADER_BYTES] + second + first + whole[HEADER_BYTES + 2 * frame :],
    ):
        file.path.write_bytes(altered)
        with pytest.raises(SealedFileError):
            file.read_bytes()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    file = sealed(tmp_path, b"secret")
    with pytest.raises(SealedFileError):
        SealedFile(file.path, bytes(32)).read_bytes()
    assert "secret" not in repr(file) + str(vars(SealedFileError()))


def test_a_file_that_was_not_finished_is_none(tmp_path: Path) -> None:
    file = SealedFile(tmp_path / "half", KEY)

    def break_off() -> None:
        with file.open("wb") as target:
            target.write(bytes(2 * FRAME_BYTES))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with pytest.raises(SealedFileError):
        file.read_bytes()
