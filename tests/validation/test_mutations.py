"""Mutated manifest lines and images never crash validation, and two ways to judge them agree.

200 examples of each kind, always the same; `pytest tests/validation/test_mutations.py
--hypothesis-profile=fuzz` draws 20,000 new ones, `--hypothesis-show-statistics` says how they end.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.validation.mutations import mutated_jpeg, mutated_manifest, mutated_png

from lensmith.domain.errors import OperationError
from lensmith.inference.image import decode, read_header
from lensmith.manifest.dataset.entry import DatasetLine, RejectedLine, check_entry, manifest_line
from lensmith.manifest.line.finding import Code, ManifestFileError
from lensmith.manifest.line.reading import parse, read_lines
from lensmith.manifest.line.validate import CheckedLine, check_line, check_object
from lensmith.manifest.training.validation_manifest import annotated

_many = settings.get_current_profile_name() == "fuzz"
_mutations = settings(
    max_examples=20_000 if _many else 200,
    derandomize=not _many,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class ContradictionError(AssertionError):
    """Two ways to judge the same bytes disagree."""


def judged_manifest(content: bytes) -> str:
    """Take the lines through dataset validation and training validation."""
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
    return checked.status.value


def _by_complete_rules(line: bytes) -> CheckedLine:
    raw = parse(line)
    return check_line(b"") if raw is None else check_object(raw)


def _facts(checked: CheckedLine) -> tuple[Any, ...]:
    return checked.status, checked.source_ref, checked.entry, checked.findings


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


KINDS: dict[str, tuple[Callable[[random.Random], bytes], Callable[[bytes], str]]] = {
    "manifest": (mutated_manifest, judged_manifest),
    "png": (mutated_png, judged_image),
    "jpeg": (mutated_jpeg, judged_image),
}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
@_mutations
@given(rng=st.randoms(use_true_random=False))
def test_mutations_are_judged(kind: str, rng: random.Random) -> None:
    mutate, judge = KINDS[kind]
    judgement = judge(mutate(rng))
    assert judgement
    event(judgement)


@pytest.mark.parametrize("kind", KINDS)
def test_mutations_do_not_all_end_alike(kind: str) -> None:
    mutate, judge = KINDS[kind]
    assert len({judge(mutate(random.Random(seed))) for seed in range(20)}) > 1
