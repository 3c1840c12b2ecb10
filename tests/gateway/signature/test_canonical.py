"""Queries are recoded as botocore encodes them."""

from __future__ import annotations

import pytest
from botocore.utils import percent_encode
from hypothesis import given
from hypothesis import strategies as st

from lensmith.gateway.signature.verify import _recoded


@given(st.text(max_size=40))
def test_encoded_text_stays_as_botocore_writes_it(text: str) -> None:
    assert _recoded(percent_encode(text, safe="-._~")) == percent_encode(text, safe="-._~")


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [("a+b", "a%20b"), ("%41%2d", "A-"), ("a/b", "a%2Fb"), ("%2f", "%2F"), ("~%7E", "~~")],
)
def test_what_is_sent_otherwise_is_recoded(sent: str, canonical: str) -> None:
    assert _recoded(sent) == canonical
