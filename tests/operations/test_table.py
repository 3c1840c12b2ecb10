"""The table against the service model."""

from __future__ import annotations

from lensmith.operations.table import OPERATIONS
from lensmith.wire.service_model import CUSTOM_LABELS_OPERATIONS

LATER = {"CopyProjectVersion"}


def test_every_operation_of_the_model_but_the_later_ones() -> None:
    assert set(OPERATIONS) == set(CUSTOM_LABELS_OPERATIONS) - LATER


def test_rows_carry_their_own_names() -> None:
    assert all(operation.name == name for name, operation in OPERATIONS.items())
