"""Attributes of a line, judged by the validator that a dataset uses."""

from __future__ import annotations

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lensmith.manifest.convert.annotated_image import read_annotated_image
from lensmith.manifest.convert.label_attributes import image_level
from lensmith.manifest.dataset.entry import DatasetLine, check_entry
from lensmith.manifest.line.attributes import pairs_of

_labels = st.one_of(
    st.sampled_from(
        ["a", "a-metadata", "a-metadata-metadata", "label_a", "source-ref", "errors", "cl-metadata"]
    ),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20
    ),
)


@given(st.lists(_labels, min_size=1, max_size=8, unique=True))
@example(["a", "a-metadata", "label_a-metadata", "label_a"])
@example(["label_source-ref", "source-ref"])
@example(["cl", "label_cl"])
@settings(max_examples=100, deadline=None)
def test_every_label_becomes_a_pair_of_its_own(labels: list[str]) -> None:
    attributes = image_level(labels, "2026-01-02T03:04:05")
    assert [pair.metadata["class-name"] for pair in pairs_of(attributes)] == labels
    line = check_entry(msgspec.json.encode({"source-ref": "s3://b/k", **attributes}))
    assert isinstance(line, DatasetLine)
    assert not line.has_errors
    assert set(line.labels) == set(labels)
    picture, problems = read_annotated_image(line.text)
    assert (picture.labels, problems) == (tuple(labels), [])


def test_a_label_given_twice_counts_once() -> None:
    assert len(pairs_of(image_level(["a", "b", "a"], "now"))) == 2
