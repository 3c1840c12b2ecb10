"""Nothing of another account, or of a place that a principal may not use, is seen by any call.

3 accounts × 6 principals × every operation that is served, on what is there and on a twin that is
not: both are answered alike, but for the caller's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.credentials import Credentials
from tests.isolation.accounts import LIMITED, Builder, IsolatedAccount
from tests.isolation.aws_calls import aws_requests
from tests.isolation.client import Answer, Caller, Client
from tests.isolation.places import Place
from tests.isolation.route_calls import route_requests
from tests.isolation.s3_calls import s3_requests
from tests.isolation.template import Template
from tests.support.live_server import LiveServer

from lensmith.config import Settings
from lensmith.store.records.engine import Records

_NOUNS = ("User", "Role", "Group", "Policy")
READS = ("Get", "List", "Describe", "Head", "GET ", "HEAD ", "Simulate")
_BUCKET_MAKERS = ("s3:CreateBucket", "PUT /_lensmith/objects/{bucket}")
# These make what has the name in the caller's own account.
_MAKERS = (
    "rekognition:CreateProject",
    "cloudformation:CreateStack",
    "cloudformation:CreateChangeSet#1",
    "iam:CreateOpenIDConnectProvider#0",
    *(f"iam:Create{noun}" for noun in _NOUNS),
)
_THOROUGH = ("administrator", "user of one project")
_UNLIMITED = ("administrator", "session of a role", "user with a Deny")
_NOT_SENT_RIGHT = {
    "ValidationException",
    "ValidationError",
    "SerializationException",
    "MalformedInput",
    "InvalidAction",
    "UnknownOperationException",
    "NotImplemented",
    "MethodNotAllowed",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
}
# The names of buckets are those of one namespace, as on AWS: a taken one is known to be taken.
_NAMES_OF_BUCKETS = {
    ("AccessDenied", "NoSuchBucket"),
    ("AccessDeniedException", "NoSuchBucket"),
    ("BucketAlreadyExists", 200),
    (403, 404),  # HEAD
    (400, 404),
}

Requests = Sequence[Template]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path_factory.mktemp("isolation"))
    server.start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def accounts(live: LiveServer) -> Iterator[list[IsolatedAccount]]:
    records = Records.of(Settings(live.home / "data"))
    builder = Builder(live, records)
    yield [builder.account() for _ in range(3)]
    records.close()


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> Requests:
    """Every operation of every table, and every route."""
    routes = route_requests(tmp_path_factory.mktemp("pictures"))
    found = [*aws_requests(), *s3_requests(), *routes]
    return [Template.of(name, build) for name, build in found]


def test_own_places_are_seen_and_lists_show_nothing_else(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    reads = [request for request in requests if _is_read(request.name)]

    def work(number: int, client: Client) -> Iterator[str]:
        account = accounts[number]
        others = [each for each in accounts if each is not account]
        for caller in account.callers.values():
            unseen = [place for each in others for place in (each.open, each.private)]
            words = [word for place in unseen for word in (place.word, place.hidden)]
            words += [each.account_id for each in others]
            if caller.label in LIMITED and caller.label != "user with a Deny":
                words += [account.private.word, account.private.hidden]
            for request in reads:
                name = request.name
                answer = client.send(caller, request.filled(account.open))
                seen = [word for word in words if word in answer.text]
                if seen:
                    yield f"{caller.label}, {name}: shows {seen}"
                if caller.label == "administrator" and not _is_there(answer):
                    yield f"{name}: {answer.status} {answer.text[:200]}"

    _assert_none(live, work)


def test_foreign_places_are_as_if_they_were_not_there(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    understood: set[str] = set()

    def work(number: int, client: Client) -> Iterator[str]:
        account, foreign = accounts[number], accounts[(number + 1) % 3].private
        for caller in account.callers.values():
            known = () if caller.label in _UNLIMITED else _MAKERS
            chosen = [each for each in requests if each.name not in {*_MAKERS} - {*known}]
            is_thorough = number == 0 and caller.label in _THOROUGH
            comparing = _Comparing(
                client, caller, account.open, foreign, understood, is_thorough=is_thorough
            )
            yield from comparing.differences(chosen)

    _assert_none(live, work)
    named = {request.name for request in requests if request.slots}
    assert named - understood == set(), "requests that no step beyond validation has seen"


def test_private_places_of_the_account_are_as_if_they_were_not_there(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    def work(number: int, client: Client) -> Iterator[str]:
        account = accounts[number]
        callers = [account.callers[label] for label in LIMITED[number::3]]
        for caller in callers:
            comparing = _Comparing(client, caller, account.open, account.private, set())
            yield from comparing.differences(requests)

    _assert_none(live, work)


def test_without_a_key_nothing_is_answered(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    place = accounts[0].private
    unknown = Caller("a key that is not there", Credentials("AKIA" + "B" * 16, "secret"))

    def work(number: int, client: Client) -> Iterator[str]:
        for caller in (Caller("anonymous", None), unknown)[number : number + 1]:
            comparing = _Comparing(client, caller, place, place, set())
            yield from comparing.differences(requests)

    _assert_none(live, work)


def test_names_are_each_accounts_own(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    makers = [request for request in requests if request.name in _MAKERS]
    assert len(makers) == len(_MAKERS)

    def work(number: int, client: Client) -> Iterator[str]:
        account, foreign = accounts[number], accounts[(number + 1) % 3].private
        twin = foreign.twin()
        for label in _UNLIMITED:
            caller = account.callers[label]
            comparing = _Comparing(client, caller, account.open, foreign, set(), twin)
            yield from comparing.differences(makers)

    _assert_none(live, work)


def test_what_was_attacked_is_unchanged(
    live: LiveServer, accounts: list[IsolatedAccount], requests: Requests
) -> None:
    """Runs last: owners still see all that calls of others named."""
    client = Client(live.port, live.s3_port)
    for account in accounts:
        for request in requests:
            if _is_read(request.name):
                sent = request.filled(account.private)
                answer = client.send(account.callers["administrator"], sent)
                assert _is_there(answer), (request.name, answer)
    client.close()


class _Comparing:
    """Sends each request for a place and for its twin."""

    def __init__(
        self,
        client: Client,
        caller: Caller,
        own: Place,
        foreign: Place,
        understood: set[str],
        twin: Place | None = None,
        *,
        is_thorough: bool = False,  # also with one name of another place, all others its own
    ) -> None:
        self._client, self._caller = client, caller
        self._own, self._foreign, self._twin = own, foreign, twin or foreign.twin()
        self._understood = understood
        self._thorough = is_thorough

    def differences(self, requests: Requests) -> Iterator[str]:
        for request in requests:
            slots = request.slots
            mixed = [[slot] for slot in slots] if self._thorough and len(slots) > 1 else []
            for variant in [slots, *mixed] if slots else ():
                yield from self._compared(request, variant)

    def _compared(self, request: Template, slots: list[str]) -> Iterator[str]:
        name = request.name
        twin = self._foreign.twin() if name in _BUCKET_MAKERS else self._twin
        there = self._sent(request, slots, self._foreign)
        absent = self._sent(request, slots, twin)
        yield from self._difference(request, slots, there, absent, self._foreign, twin)
        of_bucket = bool({"bucket", "source"} & set(slots)) and name not in _BUCKET_MAKERS
        if of_bucket and self._thorough:
            keyless = self._foreign.with_other_keys()
            without = self._sent(request, slots, keyless)
            yield from self._difference(request, slots, there, without, self._foreign, keyless)

    def _sent(self, request: Template, slots: list[str], place: Place) -> Answer:
        return self._client.send(self._caller, request.filled(self._own, slots, place))

    def _difference(
        self,
        request: Template,
        slots: list[str],
        there: Answer,
        absent: Answer,
        foreign: Place,
        twin: Place,
    ) -> Iterator[str]:
        if there.code not in _NOT_SENT_RIGHT:
            self._understood.add(request.name)
        label = f"{self._caller.label}, {request.name} {slots}"
        if foreign.hidden in there.text:
            yield f"{label}: shows {there.text[:300]}"
        same = (there.status, foreign.masked(there.steady[1])) == (
            absent.status,
            twin.masked(absent.steady[1]),
        )
        codes = (there.code or there.status, absent.code or absent.status)
        if not same and not (codes in _NAMES_OF_BUCKETS and "bucket" in request.slots):
            yield (
                f"{label}: {there.status} {foreign.masked(there.steady[1])[:300]}\n"
                f"      absent: {absent.status} {twin.masked(absent.steady[1])[:300]}"
            )


def _is_read(name: str) -> bool:
    return name.rpartition(":")[2].startswith(READS)


def _is_there(answer: Answer) -> bool:
    missing = {"NoSuchBucket", "NoSuchKey", "ResourceNotFoundException", *_NOT_SENT_RIGHT}
    is_denied = answer.code.startswith("AccessDenied")
    return answer.status < 500 and not is_denied and answer.code not in missing


def _assert_none(live: LiveServer, work: Callable[[int, Client], Iterator[str]]) -> None:
    """Run `work` for each account at the same time; fail with what it yields."""

    def run(number: int) -> list[str]:
        client = Client(live.port, live.s3_port)
        try:
            return list(work(number, client))
        finally:
            client.close()

    with ThreadPoolExecutor(3) as pool:
        found = [each for part in pool.map(run, range(3)) for each in part]
    assert not found, f"{len(found)}:\n" + "\n".join(found[:60])
