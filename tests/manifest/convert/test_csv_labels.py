"""CSV to drafts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lensmith.manifest.convert.csv_columns import labelled_rows
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
        labelled_rows(read_rows(data))


@pytest.mark.parametrize(
    "text",
    [
        "filename, Echo, Dot\na.jpg, 1, 0\nb.jpg, 1, 1\n",
        "a.jpg, Echo\nb.jpg,Echo ,  Dot\n",
        "image_path,label,label_2,split\na.jpg,Echo,,train\nb.jpg,Echo,Dot,test\n",
        ",Image,Labels,Class\n0,a.jpg,Echo,\n1,b.jpg,Echo,Dot\n",
        "a.jpg;Echo;\nb.jpg;Echo;Dot\n",
        "what,is this\na.jpg,Echo\nb.jpg,Echo,Dot\n",
    ],
)
def test_columns_mean_labels(text: str) -> None:
    drafts = csv_drafts(labelled_rows(read_rows(text.encode())), _CREATED)
    found = {
        draft.image: [key for key in draft.attributes if not key.endswith("-metadata")]
        for draft in drafts
    }
    assert found == {"a.jpg": ["Echo"], "b.jpg": ["Echo", "Dot"]}


def test_digits_are_labels_where_the_column_is_one_of_labels() -> None:
    rows = labelled_rows(read_rows(b"filename,label\na.jpg,0\nb.jpg,1\n"))
    assert rows == [["a.jpg", "0"], ["b.jpg", "1"]]
    assert labelled_rows(read_rows(b"a.jpg,0\nb.jpg,7\n")) == [["a.jpg", "0"], ["b.jpg", "7"]]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("image,Echo,Dot\na.jpg,yes,no\n", ["Echo"]),
        ("image,Echo,Dot\na.jpg,x,\n", ["Echo"]),
        ("id,filename,Echo\n1,a.jpg,1\n", ["Echo"]),
        ("filename,Unlabeled,Dot\na.jpg,1,0\n", []),
        ("filename,Smiling,Young\na.jpg,-1,1\n", ["Young"]),
        ('filename,labels\na.jpg,"fog, rain"\n', ["fog", "rain"]),
        ("filename,tags\na.jpg,fog|rain\n", ["fog", "rain"]),
        ("filename,label,split\na.jpg,fog,train\n", ["fog"]),
        ("filename,answer\na.jpg,yes\n", ["yes"]),
        ("ImageID,Source,LabelName,Confidence\na.jpg,verification,/m/1,1\n", ["/m/1"]),
        ("ImageID,Source,LabelName,Confidence\na.jpg,verification,/m/1,0\n", []),
    ],
)
def test_columns_of_other_tools(text: str, labels: list[str]) -> None:
    assert labelled_rows(read_rows(text.encode())) == [["a.jpg", *labels]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("filename,width,class,xmin,ymin,xmax,ymax\na.jpg,9,x,1,2,3,4\n", "columns of boxes"),
        ("a.jpg,0,1\nb.jpg,1,0\n", "only 0 and 1"),
        ("a.jpg,10,20,60,80,bolt\n", "as of a box"),
        ("filename,Echo,Dot\na.jpg,0.7,0.3\n", "numbers other than 0 and 1"),
        ("#filename,region_count,region_shape_attributes\na.jpg,1,{}\n", "columns of boxes"),
    ],
)
def test_other_columns_are_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableSourceError, match=said):
        labelled_rows(read_rows(text.encode()))


_cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(st.lists(st.lists(_cells, min_size=1, max_size=3), max_size=5))
@settings(max_examples=50, deadline=None)
def test_rows_survive_writing_and_reading(rows: list[list[str]]) -> None:
    local = [["image", *row] for row in rows]
    assert read_rows(write_rows(local)) == local
