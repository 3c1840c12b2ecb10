from __future__ import annotations

import asyncio

import pytest

from lensmith.domain.errors import InternalServerError
from lensmith.serving.image_slot import UnitLostWhileQueuedError
from lensmith.serving.retry import predict_with_retries
from lensmith.serving.unit import UnitReply


def test_a_request_whose_units_are_lost_to_others_ends_too() -> None:
    repeated: list[bool] = []

    async def attempt(is_repeated: bool) -> UnitReply:
        repeated.append(is_repeated)
        raise UnitLostWhileQueuedError

    with pytest.raises(InternalServerError):
        asyncio.run(predict_with_retries(attempt, repeat_seconds=0))
    assert repeated == [False]
