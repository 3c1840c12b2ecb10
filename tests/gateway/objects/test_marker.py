"""Where listings go on: under their prefix, and past what a delimiter has grouped."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.objects.marker import keep_within, marker_within


@pytest.mark.parametrize(
    ("prefix", "delimiter", "marker", "expected"),
    [
        ("", "", "b/x", "b/x"),
        ("home/ada/", "", "home/ada/x/y", "home/ada/x/y"),
        ("home/ada/", "", "home/ada/", "home/ada/"),
        ("home/ada/", "", "/home/ada/x", "home/ada/x"),
        ("home/ada/", "", "home/abe/x", ""),
        ("home/ada/", "", "home/", ""),
        ("home/ada/", "", "home/bob/x", None),
        ("home/ada/", "", "/home/bob/x", None),
        ("my dir/", "", "my%20dir/a%2Fb", "my dir/a/b"),
        ("100%25/", "", "100%25/a", "100%25/a"),
        ("", "/", "home/bob/x", "home/"),
        ("ho", "/", "home/bob/x", "home/"),
        ("", "/", "home/", "home/"),
        ("home/", "/", "home/a.jpg", "home/a.jpg"),
    ],
)
def test_a_marker(prefix: str, delimiter: str, marker: str, expected: str | None) -> None:
    assert marker_within(prefix, delimiter, marker) == expected


@pytest.mark.parametrize(
    "marker",
    [
        *("home/ada/../bob/x", "home/ada/./x", "home\\bob", "home/\0"),
        *("%68ome/ada/%2e%2e/bob/x", "%68ome/ada/%5cbob", "%68ome/ada/%00"),
    ],
)
def test_a_marker_that_no_key_has(marker: str) -> None:
    with pytest.raises(S3Error, match="No key has"):
        marker_within("home/ada/", "", marker)


def test_the_token_counts_before_where_the_listing_began() -> None:
    query = {"prefix": "p/", "start-after": "z", "continuation-token": "p/b", "list-type": "2"}
    kept = dict(query)
    keep_within("ListObjectsV2", query)
    assert query == kept
    empty = {"prefix": "p/", "start-after": "z", "continuation-token": ""}
    keep_within("ListObjectsV2", empty)
    assert empty["continuation-token"] == ""
    before = {"prefix": "p/", "continuation-token": "a", "start-after": "q/a"}
    keep_within("ListObjectsV2", before)
    assert before == {"prefix": "p/"}
    past = {"prefix": "p/", "marker": "q/a", "max-keys": "5", "continuation-token": "p/a"}
    keep_within("ListObjects", past)
    assert past == {"prefix": "p/", "max-keys": "0", "continuation-token": "p/a"}
    odd = {"prefix": "/", "max-keys": "5"}
    keep_within("ListObjects", odd)
    assert odd == {"prefix": "/", "max-keys": "0"}
