"""A few hundred cases of bench/fuzz_manifests_images.py, which has many more."""

from __future__ import annotations

import pytest
from bench.fuzz_manifests_images import KINDS

from bench import fuzz_manifests_images

CASES = 200


@pytest.mark.parametrize("kind", KINDS)
def test_mutations(kind: str) -> None:
    tally = fuzz_manifests_images.fuzz(kind, range(CASES))
    assert tally.failures == []
    assert len(tally.outcomes) > 1, "every case ended alike"
