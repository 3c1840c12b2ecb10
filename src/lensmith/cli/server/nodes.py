"""`lensmith server nodes` and `lensmith server drain`, where several servers share records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lensmith.cli.connection.settings import DataDirectory, read_settings
from lensmith.domain.errors import LensmithError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lensmith.store.records.nodes import ClusterNode

_AWAY_MS = 10_000


def nodes(data_directory: DataDirectory = None) -> None:
    """List the machines that run units, with their units, and trainings that have no room."""
    from collections import Counter

    from rich.console import Console

    from lensmith.cli.terminal.plain_table import plain_table
    from lensmith.domain.job import JobKind, JobStatus
    from lensmith.domain.training_phase import TrainingPhase
    from lensmith.store.records import jobs, nodes, placed_units
    from lensmith.store.records.engine import Records

    records = Records.of(read_settings(data_directory))
    try:
        with records.read() as connection:
            found, placed = nodes.every(connection), placed_units.every(connection)
            trainings = jobs.with_status(connection, JobStatus.RUNNING, [JobKind.TRAIN])
    finally:
        records.close()
    table = plain_table()
    for name in ("node", "address", "memory", "state"):
        table.add_column(name, overflow="fold")
    for name in ("units ready", "other"):
        table.add_column(name, justify="right")
    states = Counter((unit.node, unit.state == "READY") for unit in placed)
    for node in found:
        units = (str(states[node.name, is_ready]) for is_ready in (True, False))
        memory = f"{node.memory_bytes / 1e9:.1f} GB"
        table.add_row(node.name, node.host, memory, _state(node), *units)
    Console().print(table)
    for job in trainings:
        if job.progress is not None and job.progress.phase == TrainingPhase.WAITING:
            typer.echo(f"No node has room for the training of {job.resource_arn}, which waits.")


def drain(
    name: Annotated[str, typer.Argument(help="Name, or a beginning of it", show_default=False)],
    undo: Annotated[bool, typer.Option("--undo", help="Have it take units again")] = False,
    data_directory: DataDirectory = None,
) -> None:
    """Move the units of a machine to others; each goes when its replacement is ready."""
    from lensmith.store.records import nodes
    from lensmith.store.records.engine import Records

    records = Records.of(read_settings(data_directory))
    try:
        with records.write() as connection:
            node = chosen(nodes.every(connection), name)
            nodes.drain(connection, node.name, is_draining=not undo)
    finally:
        records.close()
    typer.echo(f"{node.name} {'takes units again' if undo else 'is drained'}.")


def chosen(found: Sequence[ClusterNode], name: str) -> ClusterNode:
    """Return the one node whose name begins so; raises LensmithError."""
    matching = [node for node in found if node.name.startswith(name)]
    if len(matching) != 1:
        there = ", ".join(node.name for node in found) or "no node"
        how_many = "Several nodes have" if matching else "No node has"
        raise LensmithError(f"{how_many} a name that begins with {name}; there is {there}.")
    return matching[0]


def _state(node: ClusterNode) -> str:
    if node.has_left:
        return "stopped"
    if node.silent_ms > _AWAY_MS:
        return f"not seen for {node.silent_ms // 1000} s"
    return "draining" if node.is_draining else "in service"
