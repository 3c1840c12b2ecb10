"""12,000 drawn accesses, decided as the npm package @cloud-copilot/iam-simulate decides them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.domain.policy.oracle.cases import COUNT, ROLE, SEED, SESSION, USER, digest, draw

from lensmith.domain.policy.decide import AccessRequest, Decision, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights

_KEPT = Path(__file__).parent / "oracle" / "verdicts.json.gz"
_TYPES = {USER: PrincipalType.USER, SESSION: PrincipalType.ASSUMED_ROLE}


def decided(case: dict[str, Any]) -> Decision:
    policies = [case["of_resource"]] if case["of_resource"] else []
    request = AccessRequest(
        case["action"],
        case["resource"],
        {
            key.lower(): tuple(value) if isinstance(value, list) else (value,)
            for key, value in case["context"].items()
        },
        case["owner"],
    )
    return decide(
        rights(case),
        request,
        [Policy.parse(policy, PolicyKind.RESOURCE) for policy in policies],
    )


def rights(case: dict[str, Any]) -> Rights:
    arn = case["principal"]
    if arn == "anonymous":
        return Rights.anonymous()
    account_id = arn.split(":")[4]
    return Rights(
        Identity(_TYPES[arn], account_id, arn, role_arn=ROLE if arn == SESSION else ""),
        tuple(map(Policy.parse, case["identity"])),
        Policy.parse(case["boundary"]) if case["boundary"] else None,
        (Policy.parse(case["session"]),) if case["session"] else (),
    )


def letter(decision: Decision) -> str:
    if decision.allowed:
        return "A"
    return "E" if decision.explicitly_denied else "I"


def test_every_drawn_case_is_decided_as_the_oracle_decides_it() -> None:
    kept = json.loads(gzip.decompress(_KEPT.read_bytes()))
    cases = draw()
    assert (kept["seed"], kept["count"], kept["digest"]) == (SEED, COUNT, digest(cases))
    ours = "".join(letter(decided(case)) for case in cases)
    pairs = enumerate(zip(ours, kept["verdicts"], strict=True))
    assert [number for number, (mine, theirs) in pairs if mine != theirs] == []
