"""The records' migrations are one chain: two branches that each add one meet here."""

from __future__ import annotations

import re

from tests.architecture.sources import PACKAGE

VERSIONS = PACKAGE / "store/records/migrations/versions"
_NAMED = re.compile(r'^(down_revision|revision) = (?:"(\d+)"|None)$', re.MULTILINE)


def test_each_follows_the_one_before_it() -> None:
    files = sorted(VERSIONS.glob("[0-9]*.py"))
    found = [(file.name[:4], dict(_NAMED.findall(file.read_text()))) for file in files]
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]
    expected = [
        (number, {"revision": number, "down_revision": before})
        for number, before in zip(numbers, ["", *numbers], strict=False)
    ]
    assert found == expected
