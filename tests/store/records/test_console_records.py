"""What the console keeps: sessions, looks of labels, pages of images, saved changes, results."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, delete, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.dataset import Dataset
from lensmith.domain.job import JobKind
from lensmith.store.records import (
    accounts,
    datasets,
    entries,
    image_page,
    job_results,
    jobs,
    label_styles,
    labels,
    saved_changes,
    sessions,
)
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.entries import NewEntry
from lensmith.store.records.identity_tables import access_keys
from lensmith.store.records.image_page import ImageFilter
from lensmith.store.records.label_styles import LabelStyle
from lensmith.store.records.labels import LabelIndex, Mention
from lensmith.store.records.tables import sessions as session_rows
from lensmith.store.records.tables import sign_in_tokens


@pytest.fixture
def key(write: Connection) -> AccessKey:
    accounts.create_account(write, "111122223333")
    arn = accounts.create_user(write, "111122223333", "ada", [])
    return accounts.create_access_key(write, arn)


def test_a_session_is_found_by_either_token_and_kept_by_neither(
    write: Connection, key: AccessKey
) -> None:
    new = sessions.begin(write, key)
    by_token = sessions.find(write, new.token)
    by_cookie = sessions.find_by_picture_token(write, new.picture_token)
    assert by_token is not None
    assert by_token == by_cookie
    assert by_token.key.caller == key.caller
    assert 0 < by_token.expires_ms - now_ms() <= 12 * 3600 * 1000
    assert sessions.find(write, new.picture_token) is None
    assert sessions.find_by_picture_token(write, new.token) is None
    (row,) = write.execute(select(session_rows))
    assert new.token not in str(row)
    sessions.end(write, new.token)
    assert sessions.find_by_picture_token(write, new.picture_token) is None


def test_a_session_ends_with_its_key(write: Connection, key: AccessKey) -> None:
    new = sessions.begin(write, key)
    token = sessions.offer(write, key.access_key_id)
    write.execute(delete(access_keys))
    assert sessions.find(write, new.token) is None
    assert sessions.redeem(write, token) is None


def test_sessions_of_temporary_keys_end_when_those_do(write: Connection, key: AccessKey) -> None:
    soon = now_ms() + 60_000
    temporary = accounts.create_access_key(write, key.caller.arn, "token", soon)
    assert sessions.begin(write, temporary).expires_ms == soon


def test_old_sessions_are_dropped_when_one_begins(write: Connection, key: AccessKey) -> None:
    old = sessions.begin(write, key)
    write.execute(update(session_rows).values(expires_ms=1))
    sessions.begin(write, key)
    assert sessions.find(write, old.token) is None


def test_an_offer_is_good_once_and_for_a_while(write: Connection, key: AccessKey) -> None:
    token = sessions.offer(write, key.access_key_id)
    assert sessions.redeem(write, token) == key
    assert sessions.redeem(write, token) is None
    late = sessions.offer(write, key.access_key_id)
    write.execute(update(sign_in_tokens).values(expires_ms=1))
    assert sessions.redeem(write, late) is None


def test_styles_keep_their_order_and_drafts_are_added_at_the_end(
    write: Connection, train: Dataset
) -> None:
    given = [LabelStyle("b", "#112233", "1"), LabelStyle("a")]
    label_styles.replace(write, train.id, given)
    label_styles.keep(write, train.id, ["a", "c"])
    assert label_styles.of_dataset(write, train.id) == [*given, LabelStyle("c")]
    label_styles.rename(write, train.id, "b", "d")
    label_styles.rename(write, train.id, "c", "a")
    assert label_styles.of_dataset(write, train.id) == [
        LabelStyle("d", "#112233", "1"),
        LabelStyle("a"),
    ]
    label_styles.remove(write, train.id, "d")
    assert label_styles.of_dataset(write, train.id) == [LabelStyle("a")]


def test_an_answer_is_kept_for_a_request_of_a_dataset(write: Connection, train: Dataset) -> None:
    assert saved_changes.answer(write, train.id, "r1") is None
    saved_changes.put(write, train.id, "r1", b"{}")
    assert saved_changes.answer(write, train.id, "r1") == b"{}"
    assert saved_changes.answer(write, train.id + 1, "r1") is None


def test_all_of_it_goes_with_the_dataset(write: Connection, train: Dataset) -> None:
    label_styles.replace(write, train.id, [LabelStyle("a")])
    saved_changes.put(write, train.id, "r1", b"{}")
    datasets.remove(write, train)
    assert label_styles.of_dataset(write, train.id) == []
    assert saved_changes.answer(write, train.id, "r1") is None


def test_a_result_is_replaced(write: Connection, train: Dataset, key: AccessKey) -> None:
    job_id = jobs.enqueue(write, JobKind.SUGGEST_LABELS, train.arn, key.caller)
    assert job_results.get(write, job_id) is None
    job_results.put(write, job_id, b"1")
    job_results.put(write, job_id, b"2")
    assert job_results.get(write, job_id) == b"2"


@pytest.fixture
def filled(write: Connection, train: Dataset) -> Dataset:
    """Entries 0 to 9: pear on the even ones, plum on 3 and 6, declared only on 1; error on 5."""
    index = LabelIndex.open(write, train.id)
    batch = []
    for number in range(10):
        mentions = {"pear": Mention.ON_IMAGE} if number % 2 == 0 else {}
        mentions |= {"plum": Mention.ON_BOX} if number in {3, 6} else {}
        mentions |= {"plum": Mention.DECLARED} if number == 1 else {}
        ref = f"s3://orchard/Tree/IMG_{number}%.png"
        is_labeled = any(mentions.values())
        line = f'{{"source-ref":"{ref}"}}'
        batch.append(NewEntry(ref, line, is_labeled, number == 5, mentions))
    entries.upsert(write, index, batch)
    index.save(write)
    entries.refresh_stats(write, train.id)
    return train


@pytest.mark.parametrize("removed", [[], [0], [2, 9]])
def test_pages_follow_one_another_with_and_without_gaps(
    write: Connection, filled: Dataset, removed: list[int]
) -> None:
    index = LabelIndex.open(write, filled.id)
    entries.remove(write, index, removed)
    index.save(write)
    entries.refresh_stats(write, filled.id)
    found = []
    for offset in range(0, 12, 3):
        total, some = image_page.page(write, filled.id, ImageFilter(), offset=offset, limit=3)
        assert total == 10 - len(removed)
        found += [one.position for one in some]
    assert found == [one for one in range(10) if one not in removed]


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (ImageFilter(), list(range(10))),
        (ImageFilter(labels=["plum"]), [3, 6]),
        (ImageFilter(labels=["plum", "pear"]), [0, 2, 3, 4, 6, 8]),
        (ImageFilter(labels=["quince"]), []),
        (ImageFilter(labeled=False), [1, 5, 7, 9]),
        (ImageFilter(labeled=True), [0, 2, 3, 4, 6, 8]),
        (ImageFilter(has_errors=True), [5]),
        (ImageFilter(labeled=False, has_errors=True), [5]),
        (ImageFilter(name="img_4"), [4]),
        (ImageFilter(name="%"), list(range(10))),
        (ImageFilter(name="tree"), []),
        (ImageFilter(source_ref="s3://orchard/Tree/IMG_7%.png"), [7]),
        (ImageFilter(labels=["pear"], name="6"), [6]),
    ],
)
def test_images_are_filtered_and_counted(
    write: Connection, filled: Dataset, filters: ImageFilter, numbers: list[int]
) -> None:
    total, found = image_page.page(write, filled.id, filters, offset=0, limit=100)
    assert total == len(numbers)
    assert [stored.position for stored in found] == numbers
    total, found = image_page.page(write, filled.id, filters, offset=1, limit=2)
    assert total == len(numbers)
    assert [stored.position for stored in found] == numbers[1:3]
    # Pages that follow a position look at few entries each and miss none.
    for examined, limit in ((1, 5), (3, 1), (4, 100), (10, 2), (100, 3)):
        after: int | None = -1
        seen = []
        while after is not None:
            page = image_page.page_after(
                write, filled.id, filters, after=after, offset=0, limit=limit, examined=examined
            )
            seen += [stored.position for stored in page.entries]
            after = page.next_position
        assert seen == numbers


def test_a_page_after_a_position_counts_what_it_looked_at(
    write: Connection, filled: Dataset
) -> None:
    def look(after: int, offset: int, examined: int) -> tuple[int, list[int], int | None, bool]:
        found = image_page.page_after(
            write,
            filled.id,
            ImageFilter(name="IMG"),
            after=after,
            offset=offset,
            limit=2,
            examined=examined,
        )
        shown = [stored.position for stored in found.entries]
        return found.found, shown, found.next_position, found.is_complete

    assert look(-1, 3, 10) == (10, [3, 4], 4, True)
    assert look(-1, 8, 10) == (10, [8, 9], None, True)
    assert look(-1, 3, 4) == (4, [3], 3, False)
    assert look(3, 1, 4) == (4, [5, 6], 6, False)
    assert look(-1, 7, 4) == (4, [], 3, False)


def test_entries_that_only_declare_a_label_mention_it(write: Connection, filled: Dataset) -> None:
    assert image_page.with_label(write, filled.id, "plum") == [1, 3, 6]
    assert image_page.with_label(write, filled.id, "quince") == []
    labels.rename(write, filled.id, "plum", "sloe")
    assert image_page.with_label(write, filled.id, "sloe") == [1, 3, 6]
