"""Hostile archives."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
from tests.exchange.workshop import SilentSteps

from lensmith.exchange.archive import ArchiveError, ArchiveLimits, unpack, unpacked
from lensmith.exchange.failure import ExchangeError


def archive(folder: Path, files: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "target"
    folder.mkdir(parents=True)
    return folder


def refused(path: Path, target: Path, limits: ArchiveLimits | None = None) -> str:
    with pytest.raises(ArchiveError) as caught:
        unpack(path, target, limits=limits)
    return caught.value.code


def test_files_are_unpacked_where_the_archive_has_them(tmp_path: Path, target: Path) -> None:
    path = archive(tmp_path, {"a/b.txt": b"1", "./c.txt": b"2", "__MACOSX/a": b"", "d/": b""})
    seen: list[int] = []
    unpack(path, target, lambda: seen.append(1))
    assert {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()} == {
        "a/b.txt",
        "c.txt",
    }
    assert len(seen) == 2


def test_a_zip_is_a_folder_for_a_while(tmp_path: Path) -> None:
    path = archive(tmp_path, {"flowers/data.yaml": b"1", "flowers/train/a.jpg": b"2"})
    with unpacked(str(path), SilentSteps()) as place:
        assert (Path(place) / "data.yaml").read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ExchangeError, match="There is no file or folder"):
        unpacked(str(tmp_path / "missing.zip"), SilentSteps()).__enter__()
    with unpacked(str(tmp_path), SilentSteps()) as place:
        assert place == str(tmp_path)
    with (
        pytest.raises(ExchangeError, match=rf"^{path}/flowers/data.yaml is odd"),
        unpacked(str(path), SilentSteps()) as place,
    ):
        raise ExchangeError(f"{place}/data.yaml is odd")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/out", "a//../../../out", ".."])
def test_names_that_lead_out_are_refused(tmp_path: Path, target: Path, name: str) -> None:
    assert refused(archive(tmp_path, {name: b"1"}), target) == "ARCHIVE_LEADS_OUT"
    assert [path for path in tmp_path.rglob("out") if path.is_file()] == []


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("犬/é.jpg".encode(), "犬/é.jpg"),  # macOS
        ("薔薇/一.jpg".encode("cp932"), "薔薇/一.jpg"),  # Windows in Japan
        ("Förde/Köln.jpg".encode("cp437"), "Förde/Köln.jpg"),  # Windows in Europe
        (b"images\\deep\\a.jpg", "images/deep/a.jpg"),  # .NET before 4.6.1
    ],
)
def test_names_are_read_as_they_were_meant(
    tmp_path: Path, target: Path, raw: bytes, read: str
) -> None:
    plain = "x" * len(raw)
    path = archive(tmp_path, {plain: b"1", "plain.txt": b"2"})
    path.write_bytes(path.read_bytes().replace(plain.encode(), raw))
    unpack(path, target)
    assert (target / read).read_bytes() == b"1"
    assert (target / "plain.txt").read_bytes() == b"2"


@pytest.mark.parametrize("name", ["..\\out", "a\\..\\..\\out", "\\out"])
def test_backslashes_lead_out_neither(tmp_path: Path, target: Path, name: str) -> None:
    assert refused(archive(tmp_path, {name: b"1"}), target) == "ARCHIVE_LEADS_OUT"


def test_links_are_refused(tmp_path: Path, target: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(tmp_path, {link: b"/etc"})
    assert refused(path, target) == "ARCHIVE_LEADS_OUT"


def test_bombs_are_refused(tmp_path: Path, target: Path) -> None:
    path = archive(tmp_path, {"bomb": bytes(50 << 20)})
    assert refused(path, target) == "ARCHIVE_TOO_DENSE"
    assert refused(path, target, ArchiveLimits(bytes=1 << 20)) == "ARCHIVE_TOO_LARGE"
    many = archive(tmp_path, {f"{number}": b"" for number in range(10)})
    assert refused(many, target, ArchiveLimits(files=9)) == "ARCHIVE_TOO_LARGE"


def test_an_archive_is_held_to_the_sizes_it_tells(tmp_path: Path, target: Path) -> None:
    data = bytearray(archive(tmp_path, {"file": b"x" * 1000}).read_bytes())
    place = data.rindex(b"PK\x01\x02") + 24  # size in the central directory
    data[place : place + 4] = (10).to_bytes(4, "little")
    path = tmp_path / "lying.zip"
    path.write_bytes(data)
    assert refused(path, target) in {"ARCHIVE_TOO_LARGE", "ARCHIVE_UNREADABLE"}
    assert sum(p.stat().st_size for p in target.rglob("*") if p.is_file()) <= 10


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip"])
def test_what_is_no_archive_is_told(tmp_path: Path, target: Path, data: bytes) -> None:
    path = tmp_path / "no.zip"
    path.write_bytes(data)
    assert refused(path, target) == "ARCHIVE_UNREADABLE"


def test_damage_inside_is_told(tmp_path: Path, target: Path) -> None:
    data = bytearray(archive(tmp_path, {"file": bytes(range(256)) * 9}).read_bytes())
    data[60] ^= 0xFF
    path = tmp_path / "damaged.zip"
    path.write_bytes(data)
    assert refused(path, target) == "ARCHIVE_UNREADABLE"


def test_a_name_twice_is_refused(tmp_path: Path, target: Path) -> None:
    path = tmp_path / "twice.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            opened.writestr("a", b"2")
    assert refused(path, target) == "ARCHIVE_UNREADABLE"


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damaged_data_is_named(tmp_path: Path, target: Path, packing: int) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", packing) as opened:
        opened.writestr("a", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[40:80] = b"\xff" * 40
    path.write_bytes(data)
    assert refused(path, target) == "ARCHIVE_UNREADABLE"


def test_large_files_of_labels_are_refused(tmp_path: Path, target: Path) -> None:
    path = archive(tmp_path, {"a.png": b"12345", "labels.csv": b"12345"})
    assert refused(path, target, ArchiveLimits(label_bytes=4)) == "LABELS_TOO_LARGE"
    assert not list(target.rglob("*.csv"))
