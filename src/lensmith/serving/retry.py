"""Retries a prediction on another unit when one is lost."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from lensmith.domain.errors import InternalServerError, ProvisionedThroughputExceededException
from lensmith.serving.image_slot import UnitLostError, UnitLostWhileQueuedError
from lensmith.serving.router import NoFreeUnitError
from lensmith.serving.unit import UnitReply

log = logging.getLogger(__name__)

_MAX_LOST_UNITS = 2  # by one image


async def predict_with_retries(attempt: Callable[[bool], Awaitable[UnitReply]]) -> UnitReply:
    """Call `attempt` until a unit replies: at most two units may die of one image.

    `attempt` is called with True for a repeated request. Raises
    ProvisionedThroughputExceededException if the first try finds no free unit, otherwise
    InternalServerError.
    """
    lost, is_repeated = 0, False
    while lost < _MAX_LOST_UNITS:
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
        log.warning("A unit was lost with a request on it; the request is repeated.")
    raise InternalServerError
