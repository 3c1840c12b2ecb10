"""Makes the INT8 files of a trained network: the fast one, and the careful one in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from lensmith.domain.precision import ProcessorFeature
from lensmith.inference.image import Pixels
from lensmith.inference.processor import processor_features

if TYPE_CHECKING:
    from lensmith.inference.quantisation.quantise import Quantiser
    from lensmith.inference.quantisation.sensitivity import Block

_SHARES = (0.5, 0.25)  # of the error of all layers in INT8 that may stay

Made = TypeVar("Made")

_log = structlog.get_logger(__name__)


class Int8Files:
    """The INT8 files of one network; each is None where the quantiser does not take it."""

    def __init__(self, network: Path, frames: Sequence[Pixels], threads: int) -> None:
        self._network = network
        self._frames = frames
        self._threads = threads
        self._quantiser: Quantiser | None = None

    def fast(self) -> bytes | None:
        """Quantise all layers but the first and the last."""
        return _tried(self._fast, "int8")

    def careful(self) -> Iterator[bytes]:
        """Keep the layers that cost most in float32, too, then more; call `fast` before."""
        blocks = _tried(self._blocks, "sensitivity of the layers")
        for share in _SHARES if blocks is not None else ():
            made = _tried(partial(self._spared, blocks or [], share), "int8 with fewer layers")
            if made is not None:
                yield made

    def _fast(self) -> bytes | None:
        # A tenth of what a training imports to check its manifests, which often ends it.
        from lensmith.inference.quantisation.quantise import Quantiser

        # Without VNNI sums of two products saturate in 16 bits; weights of 7 bits leave them room.
        is_exact = ProcessorFeature.VNNI in processor_features()
        self._quantiser = Quantiser.of(
            self._network, self._frames, self._threads, reduced_range=not is_exact
        )
        return None if self._quantiser is None else self._quantiser.quantised()

    def _blocks(self) -> list[Block] | None:
        from lensmith.inference.quantisation.sensitivity import measure_blocks

        if self._quantiser is None:
            return None
        return measure_blocks(self._quantiser, self._frames, self._threads)

    def _spared(self, blocks: Sequence[Block], share: float) -> bytes | None:
        from lensmith.inference.quantisation.graph import ONLY_FIRST
        from lensmith.inference.quantisation.sensitivity import sensitive_depths

        assert self._quantiser is not None  # or there would be no blocks
        kept = sensitive_depths(blocks, share)
        return self._quantiser.quantised(kept | set(ONLY_FIRST))


def _tried(make: Callable[[], Made | None], name: str) -> Made | None:
    began = time.monotonic()
    try:
        made = make()
    except Exception:  # noqa: BLE001 - whatever a network of the hub provokes: the model itself is ready
        _log.exception("the network cannot be quantised")
        return None
    _log.info(name, made=made is not None, seconds=round(time.monotonic() - began, 1))
    return made
