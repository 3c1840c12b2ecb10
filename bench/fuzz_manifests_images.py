"""Mutated manifest lines, PNG and JPEG files: nothing may crash, hang or contradict itself.

`python -m bench.fuzz_manifests_images [cases of each kind]` prints the table and writes
bench/results/fuzz_manifests_images.json. A case is made from its number alone, so that
`examine(kind, number)` repeats it.
"""

from __future__ import annotations

import faulthandler
import json
import random
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from tests.manifest.lines import box, box_line, encoded, image_line
from tests.validation.faulty_lines import DROPPED_BY_DATASETS, KEPT_BY_DATASETS, WARNINGS
from tests.validation.hostile_images import SOUND

from lensmith.domain.errors import OperationError
from lensmith.inference.image import decode, read_header
from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine, check_entry, manifest_line
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.reading import parse, read_lines
from lensmith.manifest.line.validate import CheckedLine, check_line, check_object
from lensmith.manifest.training.validation_manifest import annotated

CASES = 20_000  # of each kind
PATIENCE_SECONDS = 5.0  # for one case, which is a failure if it takes longer
HANG_SECONDS = 60  # for one case, after which the process ends with a traceback
RESULTS = Path(__file__).parent / "results"

_LARGE = {"all-bytes.png", "4096-wide.png", "pixel-flood.png", "20-to-1.png"}  # slow to mutate
_INTERESTING = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\xff\xd8", b"\xff\xda", b"\x00\x00\x00\x00")
_ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, 1.0, 7.5, 64, 801, -1, 1e308, -1e-308, 2**63, 2**64,
    10**400, 0.5, "", "0", "yes", "é",
    "\0", "\ud800", "x" * 300, "groundtruth/object-detection", "groundtruth/image-classification",
    "s3://lab/a.png", "S3://x/", [], {}, [[]], [{}], [None], {"": ""}, {"errors": []},
)  # fmt: skip


class ContradictionError(AssertionError):
    """Two ways to judge the same bytes disagree."""


@dataclass
class Tally:
    """What became of the cases of one kind."""

    kind: str
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else CASES
    tallies = [fuzz(kind, range(cases), before_each=_watch) for kind in KINDS]
    faulthandler.cancel_dump_traceback_later()
    table = Table("kind", "cases", "outcomes", "slowest (ms)", "failures")
    for one in tallies:
        told = ", ".join(f"{name} {count:,}" for name, count in one.outcomes.most_common(6))
        slowest = f"{one.slowest_seconds * 1e3:.0f}"
        table.add_row(one.kind, f"{one.cases:,}", told, slowest, str(len(one.failures)))
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    document = [msgspec.to_builtins(one) for one in tallies]
    (RESULTS / "fuzz_manifests_images.json").write_text(json.dumps(document, indent=1))
    failures = [failure for one in tallies for failure in one.failures]
    if failures:
        sys.exit("\n".join(failures[:20]))


def _watch() -> None:
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)


def fuzz(kind: str, numbers: range, before_each: Callable[[], None] = lambda: None) -> Tally:
    """Examine the cases of these numbers."""
    tally = Tally(kind)
    for number in numbers:
        before_each()
        begun = time.perf_counter()
        try:
            outcome = examine(kind, number)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            outcome = "failure"
            tally.failures.append(f"{kind} {number}: {type(error).__name__}: {error}"[:300])
        took = time.perf_counter() - begun
        if took > PATIENCE_SECONDS:
            tally.failures.append(f"{kind} {number}: took {took:.1f} s")
        tally.cases += 1
        tally.outcomes[outcome] += 1
        tally.slowest_seconds = max(tally.slowest_seconds, took)
    return tally


def examine(kind: str, number: int) -> str:
    """Make one case and judge it; raises whatever the code under test should not."""
    mutate, judge = KINDS[kind]
    return judge(mutate(random.Random(f"{kind} {number}")))


# Manifest lines


def mutated_manifest(chance: random.Random) -> bytes:
    """A line changed in its values, in its bytes, or both."""
    line = chance.choice(_lines())
    if chance.random() < 0.6:
        raw = json.loads(line)
        for _ in range(chance.choice((1, 1, 2, 5))):
            _change_value(raw, chance)
        line = json.dumps(raw, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    return _mutated_bytes(line, chance) if chance.random() < 0.5 else line


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


def _change_value(raw: Any, chance: random.Random) -> None:
    """Replace, remove, rename or double something at a random depth."""
    holder = chance.choice(list(_containers(raw)))
    if not holder:
        return
    key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match chance.randrange(4):
        case 0 | 1:
            holder[key] = deepcopy(chance.choice(_ODD_VALUES))
        case 2:
            del holder[key]
        case _ if isinstance(holder, dict):
            name = chance.choice((f"{key}-metadata", f"{key} ", "errors", "cl"))
            holder[name] = deepcopy(holder[key])
        case _:
            holder.extend(deepcopy(holder[key]) for _ in range(chance.choice((1, 60))))


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


def judged_manifest(content: bytes) -> str:
    """Take the lines through both moments."""
    try:
        lines = list(read_lines([content]))
    except ManifestFileError:
        return "not UTF-8"
    return "+".join(sorted({_judged_line(line) for line in lines}) or ["no line"])


def _judged_line(line: bytes) -> str:
    checked = check_line(line)
    _expect(_facts(checked), _facts(_by_complete_rules(line)), "fast and complete rules")
    _check_annotation(line, checked)
    _check_dataset_entry(check_entry(line), checked)
    return checked.outcome.value


def _by_complete_rules(line: bytes) -> CheckedLine:
    raw = parse(line)
    return check_line(b"") if raw is None else check_object(raw)


def _facts(checked: CheckedLine) -> tuple[Any, ...]:
    return checked.outcome, checked.source_ref, checked.entry, checked.findings


def _check_annotation(line: bytes, checked: CheckedLine) -> None:
    """A validation manifest fed back says the same again."""
    written = annotated(line, checked)
    _expect(b"\n" in written, False, "a line break inside a line")
    if not any(finding.code is Code.ERROR_INVALID_JSON_LINE for finding in checked.findings):
        _expect(_facts(check_line(written)), _facts(checked), "a line fed back")


def _check_dataset_entry(kept: DatasetLine | RejectedLine, checked: CheckedLine) -> None:
    """A dataset drops what has no source-ref, and trains on what a manifest would train on."""
    _expect(isinstance(kept, RejectedLine), checked.source_ref is None, "dropped lines")
    if isinstance(kept, RejectedLine):
        return
    _expect(kept.source_ref, checked.source_ref, "the source-ref of an entry")
    _expect(kept.has_errors, checked.has_errors, "errors of an entry")
    _expect(list(json.loads(kept.text))[-1], "cl-metadata", "the last key of an entry")
    _expect(_facts(check_line(manifest_line(kept.text))), _facts(checked), "a stored line")


def _expect(seen: object, wanted: object, what: str) -> None:
    if seen != wanted:
        raise ContradictionError(f"{what}: {seen!r} is not {wanted!r}")


# Images


def mutated_png(chance: random.Random) -> bytes:
    """A PNG with damaged bytes; most of them with checksums that are right again."""
    data = _mutated_bytes(chance.choice(_images(b"\x89PNG")), chance)
    return _with_checksums(data) if chance.random() < 0.8 else data


def mutated_jpeg(chance: random.Random) -> bytes:
    return _mutated_bytes(chance.choice(_images(b"\xff\xd8")), chance)


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


def judged_image(data: bytes) -> str:
    """Header and pixels as training reads them, and the whole picture as serving does."""
    try:
        header = read_header(data)
        small = decode(data, header, at_least=(1, 1))
        whole = decode(data, header)
    except OperationError as error:
        return type(error).__name__
    _expect(whole.shape, (header.height, header.width, 3), "the size of a picture")
    _expect(small.ndim == 3 and small.dtype == "uint8", True, "a small picture")
    return "read"


# Bytes of any kind


def _mutated_bytes(whole: bytes, chance: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        _change_bytes(data, chance)
    return bytes(data)


def _change_bytes(data: bytearray, chance: random.Random) -> None:
    # The first bytes hold the header: half of the changes happen there.
    reach = len(data) if chance.random() < 0.5 else min(len(data), 200)
    start = chance.randrange(reach + 1)
    end = min(start + chance.choice((1, 2, 4, 32)), len(data))
    match chance.randrange(6):
        case 0 if start < len(data):
            data[start] ^= 1 << chance.randrange(8)
        case 1:
            data[start:end] = chance.randbytes(end - start)
        case 2:
            del data[start:end]
        case 3:
            data[start:start] = data[start:end]
        case 4:
            data[start:end] = chance.choice(_INTERESTING)
        case _ if chance.random() < 0.3:
            del data[start:]


KINDS: dict[str, tuple[Callable[[random.Random], bytes], Callable[[bytes], str]]] = {
    "manifest": (mutated_manifest, judged_manifest),
    "png": (mutated_png, judged_image),
    "jpeg": (mutated_jpeg, judged_image),
}
"""How a case is made, and how it is judged."""


if __name__ == "__main__":
    main()
