"""Starts what hosts models: on this machine alone, or as one of several servers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_address

from lensmith.config import Settings
from lensmith.domain.errors import StartupError
from lensmith.domain.role import Role
from lensmith.ray_cluster.connection import RayConnection
from lensmith.serving.cluster.controller import Controller
from lensmith.serving.cluster.fleet import ClusterFleet
from lensmith.serving.cluster.node_host import NodeHost
from lensmith.serving.fleet import Fleet, Load
from lensmith.serving.ray.units import RayUnits
from lensmith.serving.remote.credentials import SECRET_NAME, credentials_of
from lensmith.serving.remote.tls import connecting_context
from lensmith.serving.supervisor import LocalFleet
from lensmith.store.records import accounts
from lensmith.store.records.engine import Records


@dataclass(frozen=True, slots=True)
class Hosting:
    """Models as this server sees them."""

    fleet: Fleet
    load_of: Callable[[str], Load]
    """Returns what this server adds to the metrics of a version, by its ARN."""
    waiting: Callable[[], int]
    """Counts the requests that wait for a unit."""


def check_roles(settings: Settings) -> None:
    """Raise StartupError unless this server can be one of several, where it is to be."""
    if _is_any_address(settings.units_host):
        raise StartupError(
            f"LENSMITH_UNITS_HOST is {settings.units_host or 'empty'}; name the address of this "
            "machine at which the other servers reach it."
        )
    missing = [role for role in Role if role not in settings.roles]
    if settings.cluster:
        others = "The nodes of a cluster and this server need"
    elif missing:
        others = f"A server without the role {missing[0]} needs another that has it, and both"
    else:
        return
    if not settings.records_url.startswith("postgresql"):
        raise StartupError(
            f"{others} the same records in PostgreSQL: set LENSMITH_RECORDS_URL. SQLite serves one "
            "server."
        )
    if not settings.s3_endpoint_url:
        raise StartupError(f"{others} the same S3: set LENSMITH_S3_ENDPOINT_URL.")


def _is_any_address(host: str) -> bool:
    """Return whether what listens there listens on every address of the machine."""
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return not host.strip("0.")  # the system takes 0, and nothing, for 0.0.0.0


def start_hosting(
    settings: Settings,
    records: Records,
    server: str,
    running: ExitStack,
    cluster: RayConnection | None = None,
) -> Hosting:
    """Start the units, the leader's part and the routes that this server's roles ask for.

    `server` is its name, the same after a restart; `running` stops them. `cluster` has further
    nodes for units.
    """
    if not records.is_shared:
        local = LocalFleet(settings, records)
        local.start()
        running.callback(local.stop)
        return Hosting(local, local.load, local.waiting)
    with records.write() as connection:
        credentials = credentials_of(accounts.secret(connection, SECRET_NAME))
    context = connecting_context(credentials)
    controller = Controller(settings, records)
    if Role.CONTROLLER in settings.roles:
        controller.start()
        running.callback(controller.stop)
        if cluster is not None:
            units = RayUnits(settings, records, cluster, credentials, context, controller)
            units.start()
            running.callback(units.stop)
    host = None
    if Role.UNITS in settings.roles:
        host = NodeHost(settings, records, server, credentials)
        host.start()
        running.callback(host.stop)
    fleet = ClusterFleet(records, server, context, host, controller.wake)
    if Role.API in settings.roles:
        fleet.start()
        running.callback(fleet.stop)
    return Hosting(fleet, controller.load, fleet.waiting)
