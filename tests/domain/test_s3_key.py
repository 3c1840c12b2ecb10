"""Keys and prefixes that the embedded store reads as others."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_key import has_dot_part, is_ambiguous, is_ambiguous_prefix, is_inner


@pytest.mark.parametrize(
    "key", ["/a", "a//b", "a/../b", "./a", "a/.", "..", "a\\b", "a\0b", "a/./b", "//"]
)
def test_ambiguous_keys(key: str) -> None:
    assert is_ambiguous(key)
    assert is_ambiguous_prefix(f"{key}/")


@pytest.mark.parametrize("key", ["a", "a/", "a.b/..c", "...", "a/b.", ".a", "a b/\u00e4", "-"])
def test_keys_that_mean_themselves(key: str) -> None:
    assert not is_ambiguous(key)
    assert not is_ambiguous_prefix(key)
    assert not is_inner(key)
    assert not has_dot_part(key)


def test_a_prefix_may_end_within_a_part() -> None:
    assert not is_ambiguous_prefix("a/..")
    assert not is_ambiguous_prefix("")


@pytest.mark.parametrize("key", [".uploads", ".uploads/x", "k.versions/v_1", "a/k.versions/"])
def test_what_the_store_keeps_for_itself(key: str) -> None:
    assert is_inner(key)


@pytest.mark.parametrize("key", ["a/.uploads/x", "k.versions", "k.versions.txt", ".uploadsx"])
def test_what_only_looks_like_it(key: str) -> None:
    assert not is_inner(key)
