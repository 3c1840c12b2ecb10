"""Drawn requests of every service, and bytes that are none: no failure, no crash, no secret told.

The suite sends a few. `pytest tests/attack --attack-inputs 20000` sends them all.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.attack.attack import Attack
from tests.attack.documents import CANARY
from tests.attack.raw import raw_requests, statuses
from tests.attack.services import SERVICES, AttackedService
from tests.attack.values import Breakage, breakages, requests_of
from tests.support.eventually import until
from tests.support.signed_caller import SignedCaller

_SHARES = len(SERVICES) + 2  # a part for each, and one for bytes to each port
_TIMEOUT = 3600
_SHOWN = 30


def drawn(count: int) -> settings:
    """Draw that many, each as it comes: the server's state grows, so none can be run again."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.timeout(_TIMEOUT)
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.label)
def test_drawn_requests(attack: Attack, attack_inputs: int, service: AttackedService) -> None:
    operations = st.sampled_from(service.names)
    requests = operations.flatmap(
        lambda name: st.tuples(st.just(name), requests_of(service.input_shape(name)))
    )

    def send(request: tuple[str, dict[str, object]], breaks: list[Breakage], caller: int) -> None:
        attack.send(service, *request, breaks, caller)

    run: Callable[[], None] = given(requests, breakages(), st.integers(0, 29))(send)
    drawn(-(-attack_inputs // _SHARES))(run)()
    faults, attack.faults = attack.faults, []
    assert not faults, f"{len(faults)}:\n" + "\n".join(faults[:_SHOWN])
    assert any(name.startswith(f"{service.label} ") for name in attack.succeeded)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.timeout(_TIMEOUT)
@pytest.mark.parametrize("port", ["api", "s3"])
def test_bytes(attack: Attack, attack_inputs: int, port: str) -> None:
    number = attack.server.port if port == "api" else attack.server.s3_port
    failed = []

    def send(written: bytes) -> None:
        attack.inputs += 1
        found = statuses(number, written)
        if any(status >= 500 and status not in (501, 505) for status in found):
            failed.append((found, written[:500]))

    drawn(-(-attack_inputs // _SHARES))(given(raw_requests())(send))()
    assert failed == []


def test_data_events_are_kept_by_setting(attack: Attack) -> None:
    s3, name = attack.server.s3(), f"audited-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=CANARY.encode())
    s3.get_object(Bucket=name, Key="k")["Body"].read()
    SignedCaller(attack.server).call("GET", f"/_lensmith/objects/{name}")

    def kept() -> set[tuple[str, str]]:
        files = (attack.server.home / "data" / "audit").glob("data-*.jsonl")
        lines = [line for file in files for line in file.read_text().splitlines() if name in line]
        events = [json.loads(line) for line in lines]
        assert {event["eventCategory"] for event in events} <= {"Data"}
        assert CANARY not in "".join(lines)
        return {(event["eventSource"].split(".")[0], event["eventName"]) for event in events}

    def has_all(found: set[tuple[str, str]]) -> bool:
        console = any(source == "lensmith" for source, _ in found)
        return console and {("s3", "PutObject"), ("s3", "GetObject")} <= found

    until(kept, has_all)


def test_the_server_outlived_it(attack: Attack) -> None:
    """Runs last: the same processes answer, and the logs hold neither a failure nor a secret."""
    assert attack.changed_children() == []
    log = attack.server.log.read_text(errors="replace")
    assert "Traceback" not in log
    assert "failed unexpectedly" not in log
    assert attack.shown_secrets() == []
    print(f"{attack.inputs} inputs")
    for outcome, count in sorted(attack.outcomes.items()):
        print(f"{count:6} {outcome}")
