"""Which node a name means."""

from __future__ import annotations

import pytest

from lensmith.cli.server.nodes import chosen
from lensmith.domain.errors import LensmithError
from lensmith.store.records.nodes import ClusterNode

NODES = [ClusterNode(name, "10.0.0.1", 1, False, 0) for name in ("ab12", "ab34", "cd56")]


@pytest.mark.parametrize("name", ["cd", "cd56"])
def test_a_beginning_is_enough(name: str) -> None:
    assert chosen(NODES, name).name == "cd56"


@pytest.mark.parametrize(("name", "said"), [("ab", "Several nodes"), ("x", "No node.*ab12, ab34")])
def test_what_names_no_single_node_is_refused(name: str, said: str) -> None:
    with pytest.raises(LensmithError, match=said):
        chosen(NODES, name)
    with pytest.raises(LensmithError, match="there is no node"):
        chosen([], name)
