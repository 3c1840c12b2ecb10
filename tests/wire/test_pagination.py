from __future__ import annotations

import string

import pytest

from lensmith.domain.errors import InvalidPaginationTokenException
from lensmith.wire.pagination import LIFETIME_SECONDS, PaginationTokens

CONTEXT = {
    "operation": "ListDatasetEntries",
    "account": "111122223333",
    "region": "us-east-1",
    "filters": ["a", None, True],
}
SECRET = b"s" * 32


@pytest.mark.parametrize("position", [0, 1, -7, 2**62])
def test_a_token_gives_back_its_position(position: int) -> None:
    tokens = PaginationTokens(SECRET)
    token = tokens.issue(CONTEXT, position)
    assert len(token) <= 1024
    # Another process with the same secret, the context in another order.
    assert PaginationTokens(SECRET).read(token, dict(reversed(CONTEXT.items()))) == position


@pytest.mark.parametrize("token", ["", None])
def test_no_token_means_the_first_page(token: str | None) -> None:
    assert PaginationTokens(SECRET).read(token, CONTEXT) is None


@pytest.mark.parametrize(
    "change", [{"operation": "ListDatasetLabels"}, {"filters": ["a"]}, {"extra": 1}]
)
def test_a_token_is_of_no_use_elsewhere(change: dict[str, object]) -> None:
    tokens = PaginationTokens(SECRET)
    with pytest.raises(InvalidPaginationTokenException):
        tokens.read(tokens.issue(CONTEXT, 5), {**CONTEXT, **change})


def test_every_altered_character_shows() -> None:
    tokens = PaginationTokens(SECRET)
    token = tokens.issue(CONTEXT, 5)
    for index, original in enumerate(token):
        for other in set(string.ascii_letters + string.digits + "+/=-_ é") - {original}:
            with pytest.raises(InvalidPaginationTokenException):
                tokens.read(token[:index] + other + token[index + 1 :], CONTEXT)


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 1024, "\ud800", "ü"])
def test_what_was_never_issued_is_refused(token: str) -> None:
    with pytest.raises(InvalidPaginationTokenException):
        PaginationTokens(SECRET).read(token, CONTEXT)


def test_another_secret_refuses() -> None:
    token = PaginationTokens(b"t" * 32).issue(CONTEXT, 5)
    with pytest.raises(InvalidPaginationTokenException):
        PaginationTokens(SECRET).read(token, CONTEXT)


def test_tokens_live_for_a_day_at_least_and_then_expire() -> None:
    now = 1_700_000_000.0
    token = PaginationTokens(SECRET, lambda: now).issue(CONTEXT, 5)
    assert PaginationTokens(SECRET, lambda: now + 24 * 3600).read(token, CONTEXT) == 5
    with pytest.raises(InvalidPaginationTokenException):
        PaginationTokens(SECRET, lambda: now + LIFETIME_SECONDS + 1).read(token, CONTEXT)
