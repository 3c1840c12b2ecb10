"""Mutated manifest lines, PNG and JPEG files, drawn from a `random.Random`."""

from __future__ import annotations

import json
import random
import struct
import zlib
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from tests.manifest.lines import box, box_line, encoded, image_line
from tests.validation.faulty_lines import DROPPED_BY_DATASETS, KEPT_BY_DATASETS, WARNINGS
from tests.validation.hostile_images import SOUND

_LARGE = {"all-bytes.png", "4096-wide.png", "pixel-flood.png", "20-to-1.png"}  # slow to mutate
_INTERESTING = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\xff\xd8", b"\xff\xda", b"\x00\x00\x00\x00")
_UNEXPECTED_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 1.0, 7.5, 64, 801, -1, 1e308, -1e-308, 2**63, 2**64,
    10**400, 0.5, "", "0", "yes", "é",
    "\0", "\ud800", "x" * 300, "groundtruth/object-detection", "groundtruth/image-classification",
    "s3://lab/a.png", "S3://x/", [], {}, [[]], [{}], [None], {"": ""}, {"errors": []},
)  # fmt: skip


def mutated_manifest(rng: random.Random) -> bytes:
    """A line changed in its values, in its bytes, or both."""
    line = rng.choice(_lines())
    if rng.random() < 0.6:
        raw = json.loads(line)
        for _ in range(rng.choice((1, 1, 2, 5))):
            _change_value(raw, rng)
        line = json.dumps(raw, ensure_ascii=rng.random() < 0.5).encode(errors="surrogatepass")
    return _mutated_bytes(line, rng) if rng.random() < 0.5 else line


@cache
def _lines() -> list[bytes]:
    makers = {**DROPPED_BY_DATASETS, **KEPT_BY_DATASETS, **WARNINGS}
    made = [make("s3://lab/img/a.png") for make in makers.values()]
    faulty = [encoded(line) for line in made if isinstance(line, dict)]
    sound = [
        encoded(image_line("fog", "hail")),
        encoded(box_line(box(), box(class_id=1), names=["bolt", "nut"])),
        encoded({**image_line("fog"), **box_line(box(width=700, height=500))}),
    ]
    return faulty + sound * (len(faulty) // 2)


def _change_value(raw: Any, rng: random.Random) -> None:
    """Replace, remove, rename or double something at a random depth."""
    holder = rng.choice(list(_containers(raw)))
    if not holder:
        return
    key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match rng.randrange(4):
        case 0 | 1:
            holder[key] = deepcopy(rng.choice(_UNEXPECTED_VALUES))
        case 2:
            del holder[key]
        case _ if isinstance(holder, dict):
            name = rng.choice((f"{key}-metadata", f"{key} ", "errors", "cl"))
            holder[name] = deepcopy(holder[key])
        case _:
            holder.extend(deepcopy(holder[key]) for _ in range(rng.choice((1, 60))))


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def mutated_png(rng: random.Random) -> bytes:
    """A PNG with damaged bytes; most of them with checksums that are right again."""
    data = _mutated_bytes(rng.choice(_images(b"\x89PNG")), rng)
    return _with_checksums(data) if rng.random() < 0.8 else data


def mutated_jpeg(rng: random.Random) -> bytes:
    return _mutated_bytes(rng.choice(_images(b"\xff\xd8")), rng)


@cache
def _images(signature: bytes) -> list[bytes]:
    made = [make() for name, make in SOUND.items() if name not in _LARGE]
    return [data for data in made if data.startswith(signature)]


def _with_checksums(data: bytes) -> bytes:
    """Every whole chunk with the CRC that belongs to its content."""
    mended = bytearray(data)
    position = 8
    while position + 12 <= len(data):
        end = position + 8 + int.from_bytes(data[position : position + 4])
        if end + 4 > len(data):
            break
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(data[position + 4 : end]))
        position = end + 4
    return bytes(mended)


def _mutated_bytes(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        _change_bytes(data, rng)
    return bytes(data)


def _change_bytes(data: bytearray, rng: random.Random) -> None:
    # The first bytes hold the header: half of the changes happen there.
    reach = len(data) if rng.random() < 0.5 else min(len(data), 200)
    start = rng.randrange(reach + 1)
    end = min(start + rng.choice((1, 2, 4, 32)), len(data))
    match rng.randrange(6):
        case 0 if start < len(data):
            data[start] ^= 1 << rng.randrange(8)
        case 1:
            data[start:end] = rng.randbytes(end - start)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end]
        case 4:
            data[start:end] = rng.choice(_INTERESTING)
        case _ if rng.random() < 0.3:
            del data[start:]
