"""The annotated copy of a manifest (manifests.md 5.2), and lines gone wild."""

from __future__ import annotations

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.manifest.lines import (
    Json,
    box,
    box_line,
    codes_by_place,
    encoded,
    image_line,
    image_metadata,
)

from lensmith.config import Quotas
from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine, check_entry, manifest_line
from lensmith.manifest.line.reading import read_lines
from lensmith.manifest.line.validate import LineStatus, check_line
from lensmith.manifest.training.checked import ImageFaults, check_lines
from lensmith.manifest.training.validation_manifest import annotated, annotated_lines
from lensmith.manifest.training.verdict import judge

SOUND = ImageFaults()


def test_clean_lines_are_copied_byte_for_byte() -> None:
    for line in (
        b' { "source-ref" : "s3://b/k\\u00e9", "a":1.0, "a-metadata": '
        + json.dumps(image_metadata()).encode()
        + b', "note": 1.50e0 } ',
        encoded(image_line()),
        json.dumps(box_line(box(left=10.0)), indent=1).replace("\n", " ").encode(),
    ):
        checked = check_line(line)

        assert checked.status is LineStatus.VALID
        assert annotated(line, checked) == line


def test_errors_come_last_in_the_object_they_concern() -> None:
    line = box_line(box(left=-1), box(width=1)) | {"note": "kept"}

    copy = json.loads(annotated(encoded(line), check_line(encoded(line))))

    assert list(copy) == ["source-ref", "parts", "parts-metadata", "note", "errors"]
    assert list(copy["parts"]["annotations"][0])[-1] == "errors"
    assert copy["parts"]["annotations"][0]["errors"] == [
        {
            "code": "ERROR_INVALID_BOUNDING_BOX",
            "message": "The bounding box has off frame values.",
        }
    ]


def test_a_validation_manifest_may_be_fed_back() -> None:
    for line in (b"no json", encoded(box_line(box(left=-1))), encoded(box_line()), encoded({})):
        first = annotated(line, check_line(line))
        second = annotated(first, check_line(first))
        assert annotated(second, check_line(second)) == second

    healed = json.loads(
        annotated(encoded(box_line(box(left=-1))), check_line(encoded(box_line(box(left=-1)))))
    )
    healed["parts"]["annotations"][0]["left"] = 1
    checked = check_line(encoded(healed))
    assert checked.findings == ()
    assert annotated(encoded(healed), checked) == encoded(box_line(box(left=1)))


def test_parts_of_a_split_manifest_together_hold_every_line() -> None:
    lines: list[Json] = [image_line(name, image=f"s3://b/{n}") for n, name in enumerate("ab" * 9)]
    manifest = [*map(encoded, lines), b"not json"]

    verdict = judge(check_lines(manifest, Quotas()), None, SOUND, SOUND, Quotas())

    assert verdict.testing is not None
    training = list(verdict.training.validation_manifest(manifest))
    testing = list(verdict.testing.validation_manifest(iter(manifest)))
    assert (len(training), len(testing)) == (15, 4)
    assert {*training[:-1], *testing} == {*manifest[:-1]}
    assert json.loads(training[-1])["errors"][0]["code"] == "ERROR_INVALID_JSON_LINE"


SEEDS = [
    encoded(image_line("fog", "rain")),
    encoded(box_line(box(), box(1, 3.5), names=("bolt", "nut"))),
    encoded(image_line() | box_line(box(left=-1), box()) | {"note": [1, {"a": "ä"}]}),
]
PIECES = [
    b"",
    b"\x00",
    b"\xff",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\n",
    b"\r",
    b"{",
    b"}",
    b"[[[[",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"9" * 400,
    b"NaN",
    b'"errors":[7],',
    b'"cl-errors":{},',
    b'"annotations":[],',
    b'"type":7,',
    "é".encode(),
]


def mutated(chance: random.Random) -> bytes:
    line = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(line) + 1)
        line[start : start + chance.choice([0, 0, 1, 2, 9])] = chance.choice(PIECES)
    return bytes(line)


@given(st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_mutated_manifests_are_judged_without_an_accident(seed: int) -> None:
    chance = random.Random(seed)
    lines = [mutated(chance).replace(b"\n", b" ") for _ in range(5)]

    checked = [check_line(line) for line in lines]
    copies = list(annotated_lines(lines, checked, range(len(lines))))

    assert len(copies) == len(lines)
    for line, one, copy in zip(lines, checked, copies, strict=True):
        assert b"\n" not in copy
        if one.findings:
            assert all(finding.code.name.encode() in copy for finding in one.findings)
        elif not one.stripped:
            assert copy == line


@given(st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_mutated_entries_are_kept_or_dropped_without_an_accident(seed: int) -> None:
    line = mutated(random.Random(seed))

    for one in read_lines([line.decode(errors="replace").encode()]):
        entry = check_entry(one)
        if isinstance(entry, DatasetLine):
            stored = json.loads(entry.text)
            assert stored["cl-metadata"] == {"is_labeled": entry.is_labeled}
            assert bool(codes_by_place(stored, ("cl-errors",))) is entry.has_errors
            assert check_entry(manifest_line(entry.text)) == entry
        else:
            assert isinstance(entry, RejectedLine)
