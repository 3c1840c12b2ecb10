"""The fast path may never say anything else than the complete rules."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.manifest.lines import Json, box, box_line, encoded, image_line, image_metadata

from lensmith.manifest.line import fast_path
from lensmith.manifest.line.validate import CheckedLine, LineStatus, check_line, check_object


def by_complete_rules(line: bytes) -> CheckedLine:
    return check_object(json.loads(line))


@pytest.mark.parametrize(
    "line",
    [
        image_line(),
        image_line("fog", "rain", "fog"),
        box_line(box(), box(1, 3.5, 2.25, 10, 10), names=("bolt", "nut", "never used")),
        image_line() | box_line(box(), human_annotated="no", job_name=None),
        image_line("日本"),
        image_line(image="s3://b/" + "k" * 1024),
    ],
)
def test_flawless_lines_take_the_fast_path(line: Json) -> None:
    assert fast_path.read(encoded(line)) is not None
    assert check_line(encoded(line)) == by_complete_rules(encoded(line))


@pytest.mark.parametrize(
    "line",
    [
        {"source-ref": "s3://b/k"},
        image_line() | {"note": "kept"},
        image_line() | {"note": 7},
        image_line() | {"errors": []},
        image_line() | {"errors": "none", "warnings": "none"},
        image_line() | {"cl-metadata": {"is_labeled": True}},
        {"source-ref": "s3://b/k", "cl": 1, "cl-metadata": image_metadata()},
        {"source-ref": "s3://b/k", "errors": 1, "errors-metadata": image_metadata()},
        {"source-ref": "s3://b/k", "a": 1, "a-metadata": image_metadata(errors=[])},
        {
            "source-ref": "s3://b/k",
            "a": 1,
            "a-metadata": image_metadata(errors=None) | {"errors": 1},
        },
        box_line(box() | {"errors": []}),
        box_line(box() | {"cl-errors": []}),
        box_line(*[box()] * 51),
        image_line(*map(str, range(51))),
        image_line("nul\0"),
        image_line(image="s3://b/" + "k" * 1025),
        image_line(image="s3://" + "b" * 256 + "/k"),
    ],
)
def test_unusual_lines_are_left_to_the_complete_rules(line: Json) -> None:
    assert fast_path.read(encoded(line)) is None


NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.integers(-2, 900),
    st.floats(-2, 900),
    st.sampled_from([0, 1, 1.5, "3", None, True, 64, 4096, 4097, 2**64]),
)
TEXTS: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["yes", "no", "0", "s3://b/k", None, 3]),
    st.builds(list),
    st.builds(dict),
)


@st.composite
def changed_lines(draw: st.DrawFn) -> Json:
    """A valid line with up to three values changed or removed."""
    line: Json = image_line("fog", "rain") | box_line(box(), box(1), names=("bolt", "nut"))
    for _ in range(draw(st.integers(0, 3))):
        holder: Any = draw(
            st.sampled_from(
                [
                    line,
                    line["parts"]["image_size"][0] if _has_size(line) else line,
                    *_annotations(line),
                    *(value for value in line.values() if isinstance(value, dict)),
                ]
            )
        )
        key = draw(st.sampled_from([*sorted(holder), "errors", "other", "cl-metadata"]))
        if draw(st.booleans()):
            holder[key] = draw(st.one_of(NUMBERS, TEXTS))
        else:
            holder.pop(key, None)
    return line


def _has_size(line: Json) -> bool:
    parts = line.get("parts")
    size = parts.get("image_size") if isinstance(parts, dict) else None
    return isinstance(size, list) and bool(size)


def _annotations(line: Json) -> list[Json]:
    parts = line.get("parts")
    annotations = parts.get("annotations") if isinstance(parts, dict) else None
    return annotations if isinstance(annotations, list) else []


@given(changed_lines())
@settings(max_examples=300, deadline=None)
def test_both_paths_agree_on_changed_lines(line: Json) -> None:
    text = encoded(line)

    assert check_line(text) == by_complete_rules(text)
    if fast_path.read(text) is not None:
        checked = by_complete_rules(text)
        assert (checked.status, checked.findings) == (LineStatus.VALID, ())
