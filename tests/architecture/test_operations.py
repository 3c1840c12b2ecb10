"""Every operation of the service model is served, or the documentation names it as not served."""

from __future__ import annotations

import re

import pytest
from botocore.session import Session
from tests.architecture.sources import REPOSITORY

from lensmith.operations.table import OPERATIONS

MODELLED = Session().get_service_model("rekognition").operation_names
PAGE = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")


@pytest.mark.parametrize("name", MODELLED)
def test_every_operation_is_served_or_named_as_not_served(name: str) -> None:
    answers = {
        answered
        for operations, answered in re.findall(r"^\| (.+?) \| (yes|no) \|", PAGE, re.M)
        if name in operations.split(", ")
    }
    assert len(answers) == 1, f"docs/operations.md must have {name} in one row"
    assert (name in OPERATIONS) == (answers == {"yes"})


def test_nothing_else_is_served() -> None:
    assert set(OPERATIONS) <= set(MODELLED)
