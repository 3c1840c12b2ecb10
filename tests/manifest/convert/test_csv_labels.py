"""CSV to drafts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.manifest.convert.csv_labels import (
    csv_drafts,
    read_rows,
    split_duplicates,
    write_rows,
)
from lensmith.manifest.convert.draft import UnreadableSourceError

_CREATED = "2026-01-02T03:04:05"


def test_a_row_is_an_image_and_its_labels() -> None:
    rows = read_rows(b'\xef\xbb\xbfa.jpg,fog,"rain, heavy",,fog\r\n\r\n,,\nb.jpg\n')
    assert rows == [["a.jpg", "fog", "rain, heavy", "", "fog"], ["b.jpg"]]
    first, second = csv_drafts(rows, _CREATED)
    assert first.image == "a.jpg"
    assert first.attributes["fog"] == 1
    assert first.attributes["fog-metadata"] == {
        "class-name": "fog",
        "confidence": 1,
        "type": "groundtruth/image-classification",
        "job-name": "labeling-job/fog",
        "human-annotated": "yes",
        "creation-date": _CREATED,
    }
    assert list(first.attributes) == ["fog", "fog-metadata", "rain, heavy", "rain, heavy-metadata"]
    assert second.attributes == {}


def test_duplicates_keep_their_first_row() -> None:
    rows = [["a", "x"], ["b", "y"], ["a", "z"], ["a"]]
    assert split_duplicates(rows) == ([["a", "x"], ["b", "y"]], [["a", "z"], ["a"]])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a.jpg,x\ns3://b/a.jpg,x\n", "mixes file names"),
        (b",x\n", "line 1 has labels but no image"),
        (b'a.jpg,"x', "line 1 is not CSV"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a" * 200_000, "not CSV"),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableSourceError, match=said):
        read_rows(data)


_cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(st.lists(_cells, min_size=1, max_size=3), max_size=5))
@settings(max_examples=50, deadline=None)
def test_rows_survive_writing_and_reading(rows: list[list[str]]) -> None:
    local = [["image", *row] for row in rows]
    assert read_rows(write_rows(local)) == local
