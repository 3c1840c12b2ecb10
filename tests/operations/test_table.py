"""The table against the service model."""

from __future__ import annotations

from lensmith.operations.table import OPERATIONS
from lensmith.wire.service_model import CUSTOM_LABELS_OPERATIONS


def test_every_operation_of_custom_labels() -> None:
    assert set(OPERATIONS) == set(CUSTOM_LABELS_OPERATIONS)
    assert len(OPERATIONS) == 23


def test_rows_carry_their_own_names() -> None:
    assert all(operation.name == name for name, operation in OPERATIONS.items())
