"""deploy/cluster/ray.yaml over compose.yaml: a head and two nodes of Ray, as processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.deploy.cluster import started_cluster
from tests.e2e.drawn import flowers
from tests.support.eventually import until

pytestmark = pytest.mark.slow

_FILES = ("compose.yaml", "ray.yaml")
_NODES = ("ray-head", "ray-node-1", "ray-node-2")


def test_units_run_on_the_nodes_of_ray(tmp_path: Path) -> None:
    picture = flowers("load", 1)[0].jpeg()
    with started_cluster(tmp_path, _FILES, _NODES) as cluster:

        def nodes() -> str:
            return cluster.composed.run("api-1", "lensmith", "server", "nodes").decode()

        until(nodes, lambda seen: seen.count("in service") == 2, pause=1)
        with cluster.composed.inside("haproxy"):
            rekognition = cluster.client("rekognition")
            rekognition.start_project_version(ProjectVersionArn=cluster.model, MinInferenceUnits=2)
            cluster.await_running(rekognition)
            assert len(cluster.detected(rekognition, picture)) == 3
        each = re.compile(r"^ray-\w+ +172\.30\.74\.4[12] .* 1 +0 *$", re.M)
        until(nodes, lambda seen: len(each.findall(seen)) == 2, pause=1)
