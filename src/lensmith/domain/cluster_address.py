"""The address of a Ray cluster, as Ray writes it."""

from __future__ import annotations

import re

from lensmith.domain.variable import Variable


def read_cluster(text: str) -> str:
    """Read `ray://HOST:PORT`, or nothing; raises ValueError."""
    if text and not re.fullmatch(r"ray://([\w.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}", text):
        raise ValueError("ray://HOST:PORT of the Ray cluster's head")
    return text


CLUSTER = Variable("LENSMITH_CLUSTER", read_cluster)
