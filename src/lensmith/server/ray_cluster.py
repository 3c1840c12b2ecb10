"""Connects this server to the Ray cluster that its settings name."""

from __future__ import annotations

from contextlib import ExitStack

from lensmith.config import Settings
from lensmith.domain.role import Role
from lensmith.ray_cluster.connection import RayConnection

_STARTS_PROCESSES = frozenset({Role.CONTROLLER, Role.TRAININGS})  # on the nodes of a cluster


def connect_cluster(settings: Settings, running: ExitStack) -> RayConnection | None:
    """Begin to connect, if there is a cluster and a role that needs it; `running` disconnects.

    Raises ClusterRefusedError.
    """
    if not settings.cluster or _STARTS_PROCESSES.isdisjoint(settings.roles):
        return None
    connection = RayConnection(settings.cluster, settings.cluster_token_file)
    connection.start()
    running.callback(connection.stop)
    return connection
