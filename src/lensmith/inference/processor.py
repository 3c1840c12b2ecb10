"""Tells which precisions this machine computes as others do."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from pathlib import Path

from lensmith.domain.precision import ProcessorFeature

_VNNI = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16"})


def processor_features(
    machine: str = platform.machine(), described: Path = Path("/proc/cpuinfo")
) -> frozenset[ProcessorFeature]:
    """Read the features of this processor; none where they are not known.

    The integer instructions of 64-bit Arm do not saturate, whichever it has.
    """
    if machine == "aarch64":
        return frozenset({ProcessorFeature.VNNI})
    flags = _flags(described)
    present = {ProcessorFeature.VNNI: _VNNI, ProcessorFeature.BFLOAT16: _BFLOAT16}
    return frozenset(feature for feature, any_of in present.items() if any_of.intersection(flags))


def _flags(described: Path) -> Iterable[str]:
    """Read the flags of the first core; a file of many cores is long."""
    try:
        with described.open() as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name.strip() == "flags":
                    return value.split()
    except OSError:
        pass
    return ()
