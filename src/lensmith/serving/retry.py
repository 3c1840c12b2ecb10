"""Retries a prediction on another unit when one is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from lensmith.domain.errors import InternalServerError, ProvisionedThroughputExceededException
from lensmith.serving.image_slot import UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.router import NoFreeUnitError
from lensmith.serving.unit import UnitReply

log = logging.getLogger(__name__)

_MAX_LOST_UNITS = 2  # by one image
_REPEAT_SECONDS = 30.0  # in which an attempt may begin; AWS's SDKs wait 60 s for a reply


async def predict_with_retries(
    attempt: Callable[[bool], Awaitable[UnitReply]], repeat_seconds: float = _REPEAT_SECONDS
) -> UnitReply:
    """Call `attempt` until a unit replies: at most two units may die of one image.

    No call begins later than `repeat_seconds` after the first. `attempt` is called with True for a
    repeated request. Raises ProvisionedThroughputExceededException if the first try finds no free
    unit, otherwise InternalServerError.
    """
    lost, is_repeated = 0, False
    give_up_at = time.monotonic() + repeat_seconds
    while True:
        try:
            return await attempt(is_repeated)
        except NoFreeUnitError as error:
            if is_repeated:
                raise InternalServerError from error
            raise ProvisionedThroughputExceededException from error
        except UnitLostWhileQueuedError:
            is_repeated = True  # another image is to blame: this one keeps its retries
        except UnitLostError:
            lost, is_repeated = lost + 1, True
        if lost == _MAX_LOST_UNITS or time.monotonic() >= give_up_at:
            log.warning("A unit was lost with a request on it; the request fails.")
            raise InternalServerError
        log.warning("A unit was lost with a request on it; the request is repeated.")
