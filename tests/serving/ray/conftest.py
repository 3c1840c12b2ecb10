"""A node with the actor of a unit, and an order for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.serving.ray.node import CREDENTIALS, Node
from tests.support.artefacts import average_colour

from lensmith import __version__
from lensmith.serving.ray.order import UnitOrder
from lensmith.store.published.index import Index
from lensmith.store.published.linked import LinkedFolder


@pytest.fixture
def order(tmp_path: Path) -> UnitOrder:
    folder = tmp_path / "published"
    average_colour(folder)
    index = Index.of(folder)
    data, digest = index.encode()
    links = {file.name: (folder / file.name).as_uri() for file in index.files}
    model = LinkedFolder(digest, data, links)
    return UnitOrder(__version__, 7, model, CREDENTIALS, None, None, 1 << 30)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path / "home", alone_seconds=600)
    yield node
    node.actor.leave()
    assert node.ended.wait(60)
